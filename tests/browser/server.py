"""A JupyterLab server in a folder of its own, which offers kernels with several versions of ipykernel."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from jupyter_client import BlockingKernelClient

ROOT = Path(__file__).parents[2]
INSTALLED = version("ipykernel")
# No news, no look for updates, no list of extensions: nothing is asked of another machine.
QUIET = {"fetchNews": "false", "checkForUpdates": False}
SERVER = {
    "LabApp": {"news_url": None, "extension_manager": "readonly", "expose_app_in_browser": True},
    "LanguageServerManager": {"autodetect": False},  # it would call npm to look for some
}


def folders() -> dict[str, Path]:
    """Find the versions of ipykernel besides the installed one: the subfolders of S2S_IPYKERNELS."""
    place = os.environ.get("S2S_IPYKERNELS")
    return {path.name: path.resolve() for path in Path(place).iterdir() if path.name[0].isdigit()} if place else {}


def kernel_versions() -> list[str]:
    """Name the versions of ipykernel that a notebook can be run with, the installed one first."""
    return [INSTALLED, *sorted(folders().keys() - {INSTALLED})]


class Server:
    """`with Server(folder) as server`: it serves `server.root`; its settings, kernels and log stand beside."""

    def __init__(self, folder: Path):
        self.root, self.home, self.token, self.workspaces = folder / "root", folder / "home", secrets.token_hex(16), 0
        self.log = folder / "server.log"
        self.root.mkdir(parents=True)
        for kernel, path in {INSTALLED: None, **folders()}.items():
            self.offer(kernel, path)
        self.write("config/jupyter_server_config.json", SERVER)
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.url = self.address()

    def write(self, name: str, content: dict) -> None:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def offer(self, kernel: str, path: Path | None) -> None:
        """Offer a kernel that imports ipykernel from `path`, and this checkout's library in any case."""
        paths = [path, ROOT, os.environ.get("PYTHONPATH")]
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": f"ipykernel {kernel}",
            "language": "python",
            "env": {"PYTHONPATH": os.pathsep.join(str(each) for each in paths if each)},
        }
        self.write(f"data/kernels/ipykernel-{kernel}/kernel.json", spec)

    def command(self) -> list[str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]  # if it is taken meanwhile, the server takes another and `address` reads which
        options = {"ServerApp.ip": "127.0.0.1", "ServerApp.port": port, "ServerApp.root_dir": self.root}
        options["IdentityProvider.token"] = self.token
        flags = [f"--{name}={value}" for name, value in options.items()]
        return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *flags]

    def environment(self) -> dict[str, str]:
        """Keep the server away from its user's settings, and from those of a Jupyter that the tests may run in."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
        places = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
        own = {f"JUPYTER_{name}_DIR": str(self.home / folder) for name, folder in places.items()}
        own |= {f"JUPYTERLAB_{name}_DIR": str(self.home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
        return inherited | own | {"IPYTHONDIR": str(self.home / "ipython")}

    def address(self, limit: float = 60) -> str:
        """Wait for the server to answer, and return its address."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.process.poll() is None:
            for path in (self.home / "runtime").glob("jpserver-*.json"):
                try:
                    self.url = json.loads(path.read_text(encoding="utf-8"))["url"]
                    self.ask("api/status")
                except (ValueError, OSError):  # the file is half written, or nobody listens yet
                    continue
                return self.url
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"JupyterLab gave no answer in {limit} s:\n{self.log.read_text(encoding='utf-8')[-4000:]}")

    def ask(self, path: str, method: str = "GET", content=None):
        """Call the server's own interface."""
        place = urlsplit(self.url)
        connection = HTTPConnection(place.hostname, place.port, timeout=30)
        body = None if content is None else json.dumps(content)
        connection.request(method, place.path + path, body, {"Authorization": f"token {self.token}"})
        answer = connection.getresponse()
        received = answer.read()
        connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {received.decode()}"
        return json.loads(received or "null")

    def start_kernel(self, name: str, limit: float = 60) -> None:
        """Start the kernel that a notebook names, and wait until it answers; pages of the notebook will find it.

        A page that opens while its kernel is still starting may miss the kernel's first words, and then waits for ever.
        """
        spec = self.read(name).metadata.kernelspec.name
        session = {"path": name, "name": name, "type": "notebook", "kernel": {"name": spec}}
        kernel = self.ask("api/sessions", "POST", session)["kernel"]["id"]
        with self.shell(kernel) as client:
            client.kernel_info(reply=True, timeout=limit)

    def wake_kernels(self) -> None:
        """Knock at each kernel's door: before 7.4 an ipykernel at times overlooks a request until the next connection.

        It answered somebody while the request came: ipykernel's issue 1554, mended by its pull request 1529.
        """
        for kernel in self.ask("api/kernels"):
            with self.shell(kernel["id"]) as client:
                client.kernel_info()

    @contextmanager
    def shell(self, kernel: str):
        """Connect to a kernel's shell channel, and to no other."""
        client = BlockingKernelClient(connection_file=str(self.home / "runtime" / f"kernel-{kernel}.json"))
        client.load_connection_file()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        try:
            yield client
        finally:
            client.stop_channels()

    def read(self, name: str):
        """Read a notebook from disk."""
        return nbformat.reads((self.root / name).read_text(encoding="utf-8"), as_version=4)

    def reset(self) -> None:
        """Stop all kernels and forget all settings, such as a theme."""
        for kernel in self.ask("api/kernels"):
            self.ask(f"api/kernels/{kernel['id']}", "DELETE")
        shutil.rmtree(self.home / "settings", ignore_errors=True)
        self.write("settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings", QUIET)

    def shutdown(self) -> None:
        """Stop the kernels and the server."""
        try:
            self.ask("api/shutdown", "POST")
            self.process.wait(20)
        finally:
            self.process.kill()  # does nothing to a process that has ended

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.shutdown()
