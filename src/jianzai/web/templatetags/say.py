"""``{% say "online.welcome" name=person.name %}``: a sentence in the reader's language."""

from django import template

from jianzai.sentences import say as sentence

register = template.Library()


@register.simple_tag
def say(code, **values):
    return sentence(str(code), **values)
