"""Pages of a browser that keep a record of what went wrong in them."""

from urllib.parse import urlsplit

SCHEMES = {"file", "data", "blob", "about"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Should a page ask for another machine, nothing leaves this one: no name and no address is resolved but the loopback's.
OFFLINE = ["--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1"]


def outside(url: str) -> bool:
    """Tell whether a request for `url` would leave this machine."""
    parts = urlsplit(url)
    return parts.scheme not in SCHEMES and parts.hostname not in LOOPBACK


class Pages:
    """Open pages with `pages(**context options)`; leaving the block closes them and asserts that `trouble` is empty.

    `trouble` lists, in order, the pages' errors, the errors in their consoles and their requests to other machines. A
    page tells of a socket only once its connection fails: one tried in a test's last moments may go unheard, not out.
    """

    def __init__(self, browser):
        self.browser, self.contexts, self.trouble = browser, [], []

    def __call__(self, **options):
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        self.contexts.append(context)
        context.on("weberror", lambda event: self.trouble.append(f"page error: {event.error}"))
        context.on("console", self.hear)
        context.on("request", lambda request: self.notice(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.notice(socket.url)))
        return context.new_page()

    def hear(self, message) -> None:
        """Record an error written to the console."""
        if message.type == "error":
            self.trouble.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def notice(self, url: str) -> None:
        """Record a request to another machine."""
        if outside(url):
            self.trouble.append(f"outside request: {url}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        for context in self.contexts:
            context.close()
        if kind is None:  # else the test's own error says more
            assert not self.trouble, "\n".join(["the page is in trouble:", *self.trouble])
