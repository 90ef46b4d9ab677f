"""Parses an HTML page with the standard library, so that tests can look up its elements, text and links."""

from __future__ import annotations

from html.parser import HTMLParser

# The scripts of a page of results without an explorer: that of every page, and three of the form for a layer.
SCRIPTS = 4


class Tags(HTMLParser):
    """The parsed page: elements with attributes, the text, ids, the targets of links, and addresses that it fetches."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.addresses: list[tuple[str, str]] = []
        self.text = ""
        self.ids: set[str] = set()
        self.targets: set[str] = set()
        self.fetched: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Store an element with its attributes, its id and its links."""
        self.names.append(tag)
        self.elements.append((tag, dict(attrs)))
        self.addresses += [(tag, str(value)) for name, value in attrs if name in ("src", "href")]
        for name, value in attrs:
            text = value or ""
            if name == "id":
                assert text not in self.ids, "the id %s stands there twice" % text
                self.ids.add(text)
            elif name in ("src", "href") and text.startswith("#"):
                self.targets.add(text[1:])
            elif name in ("src", "href") and tag != "a" and text != "data:,":
                self.fetched.append((tag, text))

    def handle_data(self, data: str) -> None:
        """Store the text of an element."""
        self.text += data
