"""The mail server is read from one address, and a wrong one is refused in clear words."""

import pytest

from dothi.config.environment import Environment
from dothi.config.mail import MailServer, server_of

FROM = "dothi@city.example"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer()),
        ("smtp://relay", MailServer("relay", 25)),
        ("smtp+starttls://a%40b:p%2Fq@mail.city.example", MailServer("mail.city.example", 587, "a@b", "p/q", True)),
        ("smtps://mail.city.example:4465", MailServer("mail.city.example", 4465, has_tls=True)),
    ],
)
def test_an_address_names_server_way_and_user(url: str, server: MailServer) -> None:
    assert server_of(Environment(mail_url=url, mail_from=FROM)) == server


@pytest.mark.parametrize(("url", "sender"), [("http://relay", FROM), ("smtp://", FROM), ("smtp://relay", "")])
def test_another_is_refused(url: str, sender: str) -> None:
    with pytest.raises(ValueError, match="DOTHI_MAIL_"):
        server_of(Environment(mail_url=url, mail_from=sender))
