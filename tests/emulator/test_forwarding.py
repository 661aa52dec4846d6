"""What CloudFront and a balancer make of a request and its answer, and what they refuse."""

from __future__ import annotations

import h11
import pytest

from seatrial_emulator.network import forwarding
from seatrial_emulator.network.forwarding import Origin
from seatrial_emulator.network.http1 import ConnectionClosedError
from seatrial_emulator.network.routing import Action, Listener

HTTP = Listener((), Action())
HTTPS = Listener((), Action(), scheme="https", port=443)
EDGE = Origin("l", "203.0.113.7", "d1.cloudfront.net", https=True, described=True)
BALANCER = Origin("l", "203.0.113.7", https=True)
PRIVATE = Origin("l", "10.0.1.9")


def request(*headers: tuple[str, str], method: str = "GET", target: str = "/") -> h11.Request:
    """Return a request for this machine's address."""
    given = [("host", "127.0.0.1:8080"), *headers]
    return h11.Request(method=method, target=target, headers=given)


def seen(origin: Origin, listener: Listener, *headers: tuple[str, str]) -> dict[str, str]:
    """Return the headers that a task gets."""
    made = forwarding.sent(request(*headers), origin, listener)
    return {name.decode(): value.decode() for name, value in made.headers}


def test_behind_cloudfront_its_own_header_tells_https():
    """The balancer is reached by HTTP and says so; CloudFront says what the viewer used, and an
    app can trust it: what a viewer sends under that name is replaced.
    """
    found = seen(EDGE, HTTP, ("cloudfront-forwarded-proto", "http"), ("x-forwarded-proto", "ftp"))
    assert (found["x-forwarded-proto"], found["x-forwarded-port"]) == ("http", "80")
    assert found["cloudfront-forwarded-proto"] == "https"
    assert found["cloudfront-viewer-address"].startswith("203.0.113.7:")
    assert "cloudfront-forwarded-proto" not in seen(
        Origin("l", "203.0.113.7", "d1.cloudfront.net", https=True), HTTP
    )


def test_a_balancer_says_its_own_listener():
    """HTTPS and 443 where the app has a domain; a private listener's own port."""
    found = seen(BALANCER, HTTPS, ("x-forwarded-proto", "http"), ("x-forwarded-port", "1"))
    assert (found["x-forwarded-proto"], found["x-forwarded-port"]) == ("https", "443")
    private = seen(PRIVATE, Listener((), Action(), port=10_007))
    assert (private["x-forwarded-proto"], private["x-forwarded-port"]) == ("http", "10007")


def test_the_chain_of_addresses_grows_at_each_hop():
    """A client's own claim first, then the viewer, then CloudFront's interface."""
    given = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]
    assert seen(EDGE, HTTP)["x-forwarded-for"] == "203.0.113.7, 10.0.0.4"
    assert seen(EDGE, HTTP, *given)["x-forwarded-for"] == "1.1.1.1, 2.2.2.2, 203.0.113.7, 10.0.0.4"
    assert seen(BALANCER, HTTPS, given[0])["x-forwarded-for"] == "1.1.1.1, 203.0.113.7"
    traced = seen(BALANCER, HTTPS, ("x-amzn-trace-id", "Root=1-abc"))["x-amzn-trace-id"]
    assert traced.startswith("Self=1-")
    assert traced.endswith(";Root=1-abc")


def test_headers_that_do_not_pass():
    """Names that the balancer calls invalid, and those that CloudFront removes; WebSockets keep
    their upgrade.
    """
    found = seen(
        EDGE, HTTP, ("x_user", "a"), ("x-real-ip", "1.1.1.1"), ("expect", "x"), ("te", "x")
    )
    assert not {"x_user", "x-real-ip", "expect", "te"} & found.keys()
    assert "x_user" not in seen(BALANCER, HTTPS, ("x_user", "a"))
    assert seen(BALANCER, HTTPS, ("x-real-ip", "1"))["x-real-ip"] == "1"
    upgrade = seen(EDGE, HTTP, ("connection", "upgrade"), ("upgrade", "websocket"))
    assert (upgrade["connection"], upgrade["upgrade"]) == ("upgrade", "websocket")
    assert seen(EDGE, HTTP, ("via", "1.0 x"))["via"] == "1.0 x, 1.1 d1.cloudfront.net (CloudFront)"


def test_a_browser_here_is_one_at_the_https_address():
    """Django compares Origin and Referer with the scheme of a header: both say HTTPS where AWS's
    address does, for this host alone.
    """
    here = ("origin", "http://127.0.0.1:8080"), ("referer", "http://127.0.0.1:8080/a?b=http://c")
    found = seen(EDGE, HTTP, *here)
    assert found["origin"] == "https://127.0.0.1:8080"
    assert found["referer"] == "https://127.0.0.1:8080/a?b=http://c"
    other = ("origin", "http://127.0.0.1:80801"), ("referer", "http://example.com/")
    assert seen(EDGE, HTTP, *other)["origin"] == "http://127.0.0.1:80801"
    assert seen(PRIVATE, HTTP, *here)["origin"] == "http://127.0.0.1:8080"


def test_a_redirect_to_https_stays_on_this_machine():
    """A program that redirects to its own HTTPS address is followed here; one that redirects to
    HTTP, which AWS sends there and back, is seen as it is.
    """

    def location(value: str, origin: Origin = EDGE) -> str:
        made = forwarding.answered([(b"Location", value.encode())], request(), origin)
        return dict(made)[b"Location"].decode()

    assert location("https://127.0.0.1:8080/items/") == "http://127.0.0.1:8080/items/"
    assert location("http://127.0.0.1:8080/items/") == "http://127.0.0.1:8080/items/"
    assert location("https://example.com/") == "https://example.com/"
    assert location("https://127.0.0.1:8080/", PRIVATE) == "https://127.0.0.1:8080/"


@pytest.mark.parametrize(
    ("made", "cloudfront", "balancer"),
    [
        (request(), 0, 0),
        (request(target="/" + "a" * 9_000), 413, 0),
        (request(("x-a", "a" * 15_000), ("x-b", "b" * 15_000)), 413, 0),
        (request(target="/" + "a" * 17_000), 413, 414),
        (request(("x-a", "a" * 17_000)), 0, 400),
        (request(*((f"x-{n}", "a" * 15_000) for n in range(5))), 413, 400),
        (request(("content-length", "2")), 403, 0),
        (request(("content-length", "0")), 0, 0),  # no body
        (request(("content-length", "2"), method="POST"), 0, 0),
        (request(method="TRACE"), 403, 405),
        (request(method="CONNECT", target="a:443"), 403, 405),
        (h11.Request(method="GET", target="/", headers=[], http_version="1.0"), 400, 400),
    ],
)
def test_what_the_edge_answers_itself(made: h11.Request, cloudfront: int, balancer: int):
    """Lengths, methods and bodies that CloudFront or the balancer does not pass on."""
    assert (forwarding.refusal(made, EDGE), forwarding.refusal(made, BALANCER)) == (
        cloudfront,
        balancer,
    )


def test_an_answer_has_no_more_headers_than_cloudfront_takes():
    """More than 20,480 bytes are a bad gateway there; a balancer alone passes them."""
    long = [(b"x-a", b"a" * 21_000)]
    with pytest.raises(ConnectionClosedError):
        forwarding.answered(long, request(), EDGE)
    assert forwarding.answered(long, request(), BALANCER) == long
