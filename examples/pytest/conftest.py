"""A proxy of its own for each test: run as `proxyctl exec -- pytest`, or with PROXYCTL_URL and PROXYCTL_TOKEN set.

`proxyctl_client` is generated from the OpenAPI document of the control API; README.md says how.
"""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from proxyctl_client import AuthenticatedClient
from proxyctl_client.api.history import expect_requests, get_har
from proxyctl_client.api.links import set_link
from proxyctl_client.api.mocks import add_mock
from proxyctl_client.api.sessions import create_session, delete_session
from proxyctl_client.api.stack import get_ca
from proxyctl_client.models import CreateSession, Expectation, NewMock, Problem, SetLink


class ProxySession:
    """What a test does with its session. Every method raises `RuntimeError` with the stack's own words when it is refused."""

    def __init__(self, client: AuthenticatedClient, **settings):
        self._client = client
        self._view = self._ask(create_session, body=CreateSession.from_dict({"history": True, **settings}))
        self.id = self._view.id
        self.proxy_url = self._view.proxy_url

    def http(self) -> requests.Session:
        """A client that sends everything through this session, and trusts the certificates that the proxy makes."""
        http = requests.Session()
        http.trust_env = False  # the variables of `proxyctl exec` name another session
        http.proxies = {"http": self.proxy_url, "https": self.proxy_url}
        http.verify = self._ask(get_ca).path
        return http

    def mock(self, predicate: dict, **change) -> str:
        """Answers or changes what fits: `response={"modify": {"$.price": 1}}`. Returns the mock's id."""
        mock = NewMock.from_dict({"predicate": predicate, **change})
        return self._ask(add_mock, self.id, body=mock).id

    def link(self, **values) -> None:
        """The access link of all connections: `profile="3g"`, or `rtt="300ms"`, `down="200kb"`, `loss="1%"`."""
        self._ask(set_link, self.id, body=SetLink.from_dict(values))

    def expect(self, predicate: dict, count: int | dict = 1, within: str = "5s") -> list:
        """Waits until requests that fit have been sent, and returns them; fails with what came closest."""
        wanted = {"predicate": predicate, "count": count, "within": within}
        result = self._ask(expect_requests, self.id, body=Expectation.from_dict(wanted))
        nearest = "\n".join(f"  {near.method} {near.url}: {'; '.join(near.differences)}" for near in result.nearest)
        assert result.met, f"{result.message}\n{nearest}"
        return result.matched

    @contextmanager
    def events(self, *types: str, seconds: float = 5):
        """Events of these types from here on, as they come; waits for each so long at the most."""
        url = f"/v1/sessions/{self.id}/events"
        with self._client.get_httpx_client().stream("GET", url, params={"types": ",".join(types)}, timeout=seconds) as stream:
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            yield (json.loads(line.removeprefix("data: ")) for line in lines)

    def har(self) -> dict:
        return self._ask(get_har, self.id).to_dict()

    def close(self):
        """Ends the session; returns what it did."""
        return self._ask(delete_session, self.id)

    def _ask(self, operation, *path, **arguments):
        answer = operation.sync_detailed(*path, client=self._client, **arguments)
        if isinstance(answer.parsed, Problem):
            raise RuntimeError(f"{answer.parsed.detail} ({answer.parsed.code})")
        if answer.parsed is None:
            raise RuntimeError(f"{answer.status_code}: {answer.content.decode()}")
        return answer.parsed


@pytest.fixture(scope="session")
def stack() -> AuthenticatedClient:
    """The control API of the running stack, asked directly: never through the proxy itself."""
    missing = [name for name in ("PROXYCTL_URL", "PROXYCTL_TOKEN") if name not in os.environ]
    if missing:
        pytest.exit(f"{', '.join(missing)} not set: run proxyctl exec -- pytest", returncode=2)
    return AuthenticatedClient(
        base_url=os.environ["PROXYCTL_URL"],
        token=os.environ["PROXYCTL_TOKEN"],
        timeout=120,
        httpx_args={"trust_env": False},
    )


@pytest.fixture
def proxy(stack, request):
    """A session for this test. If the test fails, what it sent and got is kept as `reports/TEST.har`."""
    # Should this process be killed, the session ends by itself once it has stood unused for two minutes.
    session = ProxySession(stack, name=request.node.name, leaseSeconds=120)
    yield session
    if failed(request.node):
        keep_har(session.har(), request)
    session.close()


def keep_har(har: dict, request) -> None:
    folder = Path(os.environ.get("REPORTS", "reports"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{request.node.name}.har"
    file.write_text(json.dumps(har, indent=2))
    print(f"The traffic of this test: {file}")


outcomes = pytest.StashKey[dict]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Lets a fixture know how its test went."""
    report = yield
    item.stash.setdefault(outcomes, {})[report.when] = report
    return report


def failed(item) -> bool:
    return any(report.failed for report in item.stash.get(outcomes, {}).values())
