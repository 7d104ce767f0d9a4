"""A whole OpenID Connect server in a process of its own: `python oidc_server.py FOLDER CALLBACK` prints its port."""

import json
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

CLIENT_ID = "dothi"
CLIENT_SECRET = "a secret of the client"
PASSWORD = "a password at the server"
PEOPLE = {
    "known": {"email": "lan.tran@example.org", "email_verified": True},
    "unproved": {"email": "lan.tran@example.org", "email_verified": False},
    "stranger": {"email": "stranger@example.org", "email_verified": True},
}
urlpatterns: list[object] = []


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def configure(folder: Path) -> None:
    """Set Django up with nothing but the server; what needs it is imported after that."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    settings.configure(
        SECRET_KEY="the server's own",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "oidc.sqlite3")}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        LOGIN_URL="/login/",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "SCOPES": {"openid": "", "profile": "", "email": ""},
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        },
    )
    django.setup()


def fill(callback: str) -> None:
    """Make the people, and Dothi as a client."""
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from oauth2_provider.models import Application  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for name in PEOPLE:
        User.objects.create_user(name, password=PASSWORD)
    Application.objects.create(
        name="Dothi",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=callback,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def main() -> None:
    """Serve until the process is ended."""
    configure(Path(sys.argv[1]))
    from django.contrib.auth import authenticate, login  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from django.http import HttpRequest, HttpResponse  # noqa: PLC0415
    from django.urls import include, path  # noqa: PLC0415
    from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: PLC0415

    class Validator(OAuth2Validator):  # type: ignore[misc]
        """Tells of a person what the server knows."""

        oidc_claim_scope = None

        def get_additional_claims(self, request: object) -> dict[str, object]:
            """Give the address, and whether it is proved."""
            return dict(PEOPLE[request.user.username])  # type: ignore[attr-defined]

    def sign_in(request: HttpRequest) -> HttpResponse:
        """Let a person in by name and password, as JSON."""
        user = authenticate(request, **json.loads(request.body))
        if user is None:
            return HttpResponse(status=401)
        login(request, user)
        return HttpResponse()

    globals()["Validator"] = Validator
    urlpatterns.extend([path("o/", include("oauth2_provider.urls")), path("login/", sign_in)])
    fill(sys.argv[2])
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=QuietHandler) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
