"""`LiveWidget`: what the four widgets share, a view in the browser and forms that need no kernel."""

import threading
from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import anywidget
import traitlets
from matplotlib import rc_context

from ..atomic import replacing
from ..measuring.plots import Picture
from ..translating.trace import Trace
from . import saved, still

HERE = Path(__file__).parent
MODELS = threading.RLock()  # held while a widget uses a model: callbacks may come on several threads
# What makes an SVG the same every time it is drawn, with words as text and not as outlines of letters.
SVG = {"svg.fonttype": "none", "svg.hashsalt": "s2s"}


class LiveWidget(anywidget.AnyWidget):
    """A view drawn by `widget.js`, which `view` names. What goes wrong in a callback is said in `error`.

    A notebook shows the live view while a kernel runs, and the table or the picture everywhere else.
    """

    # As text: to a path, anywidget would tie every widget ever made, with its models, for as long as the kernel runs.
    _esm = (HERE / "widget.js").read_text(encoding="utf-8")
    _css = (HERE / "widget.css").read_text(encoding="utf-8")
    view = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    def traces(self) -> Mapping[str, Trace]:
        """Give what is shown, by name: the figure and the table are made of it."""
        raise NotImplementedError

    def figure(self) -> Picture:
        """Draw what is shown as a still picture."""
        return still.panels(self.traces())

    def to_table(self) -> str:
        """Write what is shown as HTML tables, as text alone: no script, no style that matters."""
        return "\n".join(saved.table(trace, name) for name, trace in self.traces().items())

    def to_png(self, path: str | Path | None = None) -> bytes:
        """Draw a PNG image, and write it to `path` if there is one."""
        return _kept(self.figure()._repr_png_(), path)

    def to_svg(self, path: str | Path | None = None) -> str:
        """Draw an SVG image whose words can be searched and selected, and write it to `path` if there is one."""
        buffer = BytesIO()
        with MODELS, rc_context(SVG):
            self.figure().savefig(buffer, format="svg", metadata={"Date": None, "Title": repr(self)})
        return _kept(buffer.getvalue(), path).decode()

    def to_html(self, path: str | Path | None = None) -> str:
        """Write one page that works without kernel and network: cursor, keys, steps; not what needs the model."""
        page = saved.page(repr(self), [self.section()])
        return _kept(page.encode(errors="replace"), path).decode()

    def section(self, title: str = "", text: str = "") -> saved.Section:
        """Give this widget's part of a page."""
        return saved.Section(title, text, self.state(), self.to_table())

    def state(self) -> dict:
        """Give what the module in the browser reads, for a page without a kernel."""
        own = set(self.trait_names(sync=True)) - set(anywidget.AnyWidget.class_trait_names(sync=True))
        return {name: getattr(self, name) for name in sorted(own - {"_esm", "_css", "_anywidget_id"})}

    def __repr__(self) -> str:
        """Say what is shown, the same on every machine."""
        words = next((" ".join(trace.src) for trace in self.traces().values()), "")
        return f"{type(self).__name__}({words!r})"

    def _repr_mimebundle_(self, **options) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        image = b64encode(self.to_png()).decode()
        return {**data, "text/html": self.to_table(), "image/png": image}, metadata


def single(given: object, wanted: type) -> object:
    """Take one of a class. Raises TypeError for anything else."""
    if not isinstance(given, wanted):
        raise TypeError(f"give a {wanted.__name__}; this is {given!r:.200}")
    return given


def named(given: object, wanted: type) -> dict:
    """Take one of a class, or several by their names. Raises TypeError for anything else."""
    several = {"": given} if isinstance(given, wanted) else given
    if not isinstance(several, Mapping) or not all(isinstance(one, wanted) for one in several.values()):
        name = wanted.__name__
        raise TypeError(f"give a {name}, or several as {{name: {name}}}; this is {given!r:.200}")
    return {str(name): one for name, one in several.items()}


def describe_error(error: Exception) -> str:
    """Put an exception into words for the `error` of a widget."""
    return f"{type(error).__name__}: {error}"


def _kept(content: bytes, path: str | Path | None) -> bytes:
    """Write `content` to a file, whole or not at all."""
    if path is not None:
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(content)
    return content
