"""What a page consists of, read back by the standard library's parser."""

from __future__ import annotations

from html.parser import HTMLParser


class Tags(HTMLParser):
    """Elements with their attributes, the text, ids, addresses; where links within the page lead, what is fetched."""

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
        """Remember."""
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
        """Remember."""
        self.text += data
