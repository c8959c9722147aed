"""Foreign HTML made safe to show inside a sandboxed frame."""

import re
from collections import Counter

import nh3

CLEANER_VERSION = 1
MAX_HTML = 2 * 1024 * 1024
MAX_OPEN = 256
BLOCKED = "blocked:remote"  # the address every remote image gets: nothing is fetched, and CSS can tell

_TAGS = set(
    "a abbr b big blockquote br caption center code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins"
    " li ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul".split()
)
_DROPPED = set(
    "script style title svg math noscript iframe object embed applet template noembed noframes frameset select option"
    " textarea button audio video canvas".split()
)
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "valign"},
    "a": {"href", "title"},
    "col": {"span", "width"},
    "font": {"color", "face", "size"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"bgcolor", "colspan", "rowspan", "width"},
    "th": {"bgcolor", "colspan", "rowspan", "width"},
}
_STYLES = set(
    "background-color border border-bottom border-collapse border-color border-left border-right border-style border-top"
    " border-width color font-family font-size font-style font-weight height line-height list-style-type margin-bottom"
    " margin-left margin-right margin-top max-width padding padding-bottom padding-left padding-right padding-top"
    " text-align text-decoration text-indent vertical-align white-space width".split()
)
# Tags that HTML closes by itself, and those that hold nothing: they do not nest by being left open.
_SELF_CLOSED = set(
    "area base br col embed hr img input link meta param source track wbr p li td th tr tbody thead tfoot dt dd option"
    " colgroup html head body".split()
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})")


def clean_html(html: str) -> str | None:
    """The HTML with nothing left that runs, loads or leads astray; None when it is too large or too deep to clean."""
    if len(html) > MAX_HTML or is_deep(html):
        return None
    cleaned: str = nh3.clean(
        html, tags=_TAGS, clean_content_tags=_DROPPED, attributes=_ATTRIBUTES, attribute_filter=_filtered,
        url_schemes={"http", "https", "mailto", "tel", "cid", "blocked"}, url_relative="deny",
        filter_style_properties=_STYLES, set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return cleaned


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src"):
        return value if value.lower().startswith("cid:") else BLOCKED
    if attribute == "href" and value.lower().startswith(("cid:", "blocked:")):
        return None
    return value


def is_deep(html: str) -> bool:
    """True when more tags are open at once than cleaning bears: its time is quadratic in that."""
    standing: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _SELF_CLOSED:
            continue
        if not tag[1]:
            standing[name] += 1
            depth += 1
        elif standing[name]:
            standing[name] -= 1
            depth -= 1
        if depth > MAX_OPEN:
            return True
    return False


def has_blocked_images(html: str) -> bool:
    """True when cleaned HTML had remote images."""
    return f'src="{BLOCKED}"' in html


def with_inline_images(html: str, addresses: dict[str, str]) -> str:
    """Cleaned HTML with the images that came in the mail: `addresses` by content id."""
    for content_id, address in addresses.items():
        html = html.replace(f'src="cid:{content_id}"', f'src="{address}"')
    return html
