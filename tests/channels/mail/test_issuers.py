"""The list of who may attest: complete entries, and names as people write them."""

import tomllib
from pathlib import Path

import pytest

from jianzai.channels.mail import issuers as module
from jianzai.channels.mail.issuers import is_issuer, issuers, suggestions
from jianzai.channels.mail.payload import Kind

TABLE = tomllib.loads(Path(module.__file__).with_name("issuers.toml").read_text(encoding="utf-8"))


def test_every_entry_says_where_and_whence():
    for entries in TABLE.values():
        for entry in entries:
            assert entry["place"]
            assert entry["source"]
            assert entry["names"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.ELSEWHERE, "深圳市福田区莲花街道办事处"),
        (Kind.ELSEWHERE, "广州市越秀区社会保险基金管理中心"),
        (Kind.HMT, "香港工會聯合會九龍東地區服務處"),
        (Kind.HMT, "Home Affairs Department"),
        (Kind.HMT, "澳門特別行政區政府社會保障基金"),
        (Kind.HMT, "臺北地方法院所屬民間公證人"),
        (Kind.ABROAD, "中华人民共和国驻大阪总领事馆"),
        (Kind.ABROAD_2013, "中國駐加拿大大使館"),
        (Kind.ABROAD, "Notary Public, State of Iowa"),
        (Kind.LETTER, "景田社区居民委员会 社区居委会"),
    ],
)
def test_names_are_found_in_either_script_and_with_their_place(kind, name):
    assert is_issuer(kind, name)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.ELSEWHERE, "某某茶馆"), (Kind.HMT, "深圳市福田区莲花街道办事处"), (Kind.ABROAD, "")],
)
def test_others_are_not(kind, name):
    assert not is_issuer(kind, name)


def test_nobody_attests_a_newspaper():
    assert issuers(Kind.NEWSPAPER) == ()


def test_missions_are_offered_by_their_names():
    assert {"中国驻日本大使馆", "中国驻大阪总领事馆"} <= set(suggestions(Kind.ABROAD))
