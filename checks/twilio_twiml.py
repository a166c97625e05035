"""Whether an answer is TwiML that Twilio's own library could have written."""

import inspect
import re
import xml.etree.ElementTree as ElementTree
from functools import cache, lru_cache

from twilio.twiml import voice_response
from twilio.twiml.voice_response import VoiceResponse


@cache
def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name not in ("self", "kwargs")]


@cache
def verb(parent, tag):
    """The method of the library's class that writes this element, the name of the parameter that is its text if it may
    have one, and the names of its attributes. `None` when the element has no place there."""
    method = getattr(parent, snake(tag), None)
    if method is None:
        return None
    text = parameters(getattr(voice_response, tag).__init__)
    return method, next(iter(text), None), set(parameters(method)) - set(text)


def rewrite(element, parent, flaws):
    """Writes the element's children once more, below `parent`, by the library's own methods."""
    for child in element:
        known = verb(type(parent), child.tag)
        if known is None:
            flaws.append(f"<{child.tag}> is not known inside <{element.tag}>")
            continue
        method, text, names = known
        flaws += [f'{name}="" is not known of <{child.tag}>' for name in child.attrib if snake(name) not in names]
        if child.text and not text:
            flaws.append(f"<{child.tag}> takes no text")
        attributes = {snake(name): value for name, value in child.attrib.items() if snake(name) in names}
        made = method(parent, **attributes, **({text: child.text or ""} if text else {}))
        rewrite(child, made, flaws)


@lru_cache(256)
def examine(body):
    """The document's root and what is wrong with it; no root when it is no XML."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as why:
        return None, [str(why)]
    if root.tag != "Response":
        return root, [f"the root is <{root.tag}>"]
    flaws = []
    ours = VoiceResponse()
    rewrite(root, ours, flaws)
    if not flaws and ElementTree.canonicalize(body.decode()) != ElementTree.canonicalize(ours.to_xml()):
        flaws.append(f"the library writes {ours.to_xml(xml_declaration=False)}")
    for stream in root.iter("Stream"):
        if not re.fullmatch(r"wss?://[^?#]+", stream.get("url", "")):
            flaws.append(f"a stream at {stream.get('url')}")
    for play in root.iter("Play"):
        if not re.match(r"https?://", play.text or ""):
            flaws.append(f"{play.text} is no absolute address")
    return root, flaws


def shape(root):
    """`Play Connect(Stream(Parameter))`"""
    return " ".join(f"{child.tag}({shape(child)})" if len(child) else child.tag for child in root)
