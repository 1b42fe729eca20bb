import wave

from django.utils import translation

from jianzai.web.camera import capture_context
from jianzai.web.speech import Speaker, render_all, spoken


def test_every_sentence_is_rendered_once_and_anew_when_it_changed(tmp_path):
    written = render_all(tmp_path)
    assert written == len(spoken("zh")) + len(spoken("en"))
    assert render_all(tmp_path) == 0
    digests = tmp_path / "zh" / "digests.json"
    digests.write_text(digests.read_text().replace('"look_here": "', '"look_here": "0'))
    assert render_all(tmp_path) == 1
    with wave.open(str(tmp_path / "zh" / "prompt_close_eyes.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() > 1.5


def test_a_longer_sentence_sounds_longer():
    speaker = Speaker()
    assert len(speaker.render("请张开嘴", "zh")) < len(speaker.render("请闭上眼睛，听到声音再睁开", "zh"))


def test_a_page_asks_for_sound_only_where_it_was_rendered(settings, tmp_path):
    def clips(language):
        with translation.override(language):
            return capture_context(batch_url="b", reopen_url="r", done_url="d")["clips_url"]

    settings.HOME = tmp_path
    assert (clips("zh-hans"), clips("en")) == ("", "")
    render_all(tmp_path / "speech")
    assert (clips("zh-hans"), clips("en")) == ("/speech/zh/", "/speech/en/")
