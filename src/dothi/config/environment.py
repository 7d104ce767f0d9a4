"""Every setting of Dothi, read once from the environment; nothing else reads environment variables."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, get_args, get_type_hints

import msgspec

from dothi.kernel import clock

PREFIX: Final = "DOTHI_"


class Doc(msgspec.Struct, frozen=True):
    """What a setting is for, in both languages; the reference page is made from it."""

    vi: str
    en: str


class Environment(msgspec.Struct, frozen=True):
    """The settings; a field NAME is read from the variable DOTHI_NAME."""

    home: Annotated[
        Path,
        Doc(
            vi="Thư mục chứa dữ liệu của các máy chủ riêng, khóa bí mật và trạng thái.",
            en="The folder that holds the private servers' data, secrets and state.",
        ),
    ] = Path(".dothi")
    city: Annotated[
        str,
        Doc(
            vi="Thành phố: tên một bộ thiết lập có sẵn, hoặc đường dẫn tới thư mục thiết lập.",
            en="The city: the name of a shipped settings folder, or the path of one.",
        ),
    ] = "binh_duong"
    database_url: Annotated[
        str,
        Doc(
            vi="PostgreSQL có PostGIS, dạng postgresql://…; để trống thì `dothi up` tự chạy một máy chủ riêng.",
            en="PostgreSQL with PostGIS as postgresql://…; if empty, `dothi up` runs a private one.",
        ),
    ] = ""
    mqtt_url: Annotated[
        str,
        Doc(
            vi="Máy chủ MQTT nhận tin của thiết bị, dạng mqtt://tên:mật-khẩu@máy:cổng.",
            en="The MQTT broker that devices speak to, as mqtt://user:password@host:port.",
        ),
    ] = ""
    mqtt_out_url: Annotated[
        str,
        Doc(
            vi="Máy chủ MQTT mà các bên đăng ký nhận tin; chỉ Dothi được gửi tin lên đó.",
            en="The MQTT broker that subscribers listen to; Dothi alone publishes there.",
        ),
    ] = ""
    clock: Annotated[
        str,
        Doc(
            vi="Đồng hồ thành phố, dạng THỜI-ĐIỂM-THÀNH-PHỐ@THỜI-ĐIỂM-THỰCxTỐC-ĐỘ; để trống là giờ thực.",
            en="The city's clock as CITY-TIME@WALL-TIMExSPEED; empty means wall time.",
        ),
    ] = ""
    secret_key: Annotated[
        str,
        Doc(
            vi="Khóa bí mật để ký phiên đăng nhập; `dothi up` tự tạo và giữ trong thư mục dữ liệu.",
            en="The secret that signs sessions; `dothi up` makes one and keeps it in its home.",
        ),
    ] = ""
    allowed_hosts: Annotated[
        str,
        Doc(
            vi="Các tên máy mà trang web được phép trả lời, cách nhau bằng dấu phẩy.",
            en="The host names the web site answers to, separated by commas.",
        ),
    ] = "localhost,127.0.0.1,[::1]"
    visitor_role: Annotated[
        str,
        Doc(
            vi="Vai trò của người chưa đăng nhập; để trống thì không được xem gì. Bản trình diễn dùng viewer.",
            en="The role of whoever has not signed in; empty permits nothing. The demo sets viewer.",
        ),
    ] = ""
    session_hours: Annotated[
        float,
        msgspec.Meta(gt=0, le=720),
        Doc(
            vi="Số giờ sau khi đăng nhập thì phiên hết hạn và phải đăng nhập lại.",
            en="Hours after signing in when a session ends and one signs in again.",
        ),
    ] = 12.0
    oidc_issuer: Annotated[
        str,
        Doc(
            vi="Máy chủ đăng nhập một lần (OpenID Connect), dạng https://…; để trống thì chỉ dùng mật khẩu.",
            en="The OpenID Connect server for single sign-on, as https://…; if empty, passwords alone are used.",
        ),
    ] = ""
    oidc_name: Annotated[
        str,
        Doc(
            vi="Tên máy chủ đăng nhập một lần, ghi trên nút ở trang đăng nhập.",
            en="What the OpenID Connect server is called on the button of the sign-in page.",
        ),
    ] = "SSO"
    oidc_client_id: Annotated[
        str,
        Doc(
            vi="Mã ứng dụng mà máy chủ đăng nhập một lần cấp cho Dothi.",
            en="The client id that the OpenID Connect server gave Dothi.",
        ),
    ] = ""
    oidc_client_secret: Annotated[
        str,
        Doc(
            vi="Mật khẩu ứng dụng mà máy chủ đăng nhập một lần cấp cho Dothi.",
            en="The client secret that the OpenID Connect server gave Dothi.",
        ),
    ] = ""
    mail_url: Annotated[
        str,
        Doc(
            vi="Máy chủ gửi thư, dạng smtp://, smtp+starttls:// hoặc smtps://tên:mật-khẩu@máy:cổng; để trống thì không "
            "gửi thư.",
            en="The outgoing mail server as smtp://, smtp+starttls:// or smtps://user:password@host:port; if empty, no "
            "mail is sent.",
        ),
    ] = ""
    mail_from: Annotated[
        str,
        Doc(
            vi="Địa chỉ thư của người gửi; phải có khi có máy chủ gửi thư.",
            en="The address that mail comes from; needed where there is a mail server.",
        ),
    ] = ""
    site_url: Annotated[
        str,
        Doc(
            vi="Địa chỉ của trang web như người dùng gõ, dạng https://…; dùng cho đường dẫn trong thư.",
            en="The web site's address as people type it, https://…; for links in mail.",
        ),
    ] = ""
    demo: Annotated[
        bool,
        Doc(
            vi="Bản trình diễn: thành phố mô phỏng, có trang để làm hỏng thiết bị; `dothi up --demo` tự đặt.",
            en="The demo: a simulated city, with a page to break its devices; `dothi up --demo` sets it.",
        ),
    ] = False
    simulators: Annotated[
        str,
        Doc(
            vi="Các bộ mô phỏng cho phép làm hỏng thiết bị, dạng tên=cổng, cách nhau bằng dấu phẩy; cổng trên máy này.",
            en="The simulators whose devices can be broken, as name=port, separated by commas; ports of this machine.",
        ),
    ] = ""
    welcome_token: Annotated[
        str,
        Doc(
            vi="Mã mở trang chào mừng khi chưa có quản trị viên; `dothi up` tự tạo và in ra địa chỉ.",
            en="Opens the welcome page while there is no administrator; `dothi up` makes it and prints the address.",
        ),
    ] = ""
    debug: Annotated[
        bool,
        Doc(
            vi="Hiện chi tiết lỗi trên trang web; không bao giờ bật khi vận hành thật.",
            en="Show details of errors on pages; never in production.",
        ),
    ] = False
    port: Annotated[
        int,
        Doc(
            vi="Cổng của trang web; hai máy chủ MQTT riêng dùng hai cổng kế tiếp.",
            en="The port of the web site; the two private MQTT brokers take the next two.",
        ),
    ] = 8000
    public_url: Annotated[
        str,
        Doc(
            vi="Địa chỉ mà bên ngoài dùng để vào trang này, dạng https://…; ghi trong tin báo qua MQTT. "
            "Để trống thì là máy này.",
            en="The address under which others reach this site, as https://…; messages over MQTT name it. "
            "Empty means this machine.",
        ),
    ] = ""
    raw_days: Annotated[
        int,
        msgspec.Meta(ge=0),
        Doc(
            vi="Số ngày giữ nguyên số liệu đo, nếu không quy định riêng; sau đó chỉ còn số liệu gộp giờ, ngày. "
            "0 là giữ mãi.",
            en="Days that Observations stay as they came, if nothing else is set; then hours and days stay. "
            "0 is for ever.",
        ),
    ] = 0
    raw_gb: Annotated[
        float,
        msgspec.Meta(ge=0),
        Doc(
            vi="Dung lượng tối đa (GB) của số liệu đo gốc; vượt quá thì phần cũ nhất được gộp sớm. "
            "0 là không giới hạn. Bản trình diễn dùng 2.",
            en="How many GB Observations may take; beyond that the oldest turn into hours and days early. "
            "0 is without bound. The demo sets 2.",
        ),
    ] = 0.0

    @property
    def public_address(self) -> str:
        """The address under which others reach this site, without a slash at its end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"


def variable_of(field: str) -> str:
    """Name the environment variable of a field."""
    return PREFIX + field.upper()


def documentation() -> dict[str, Doc]:
    """Give what each setting is for, by its variable's name. A setting without a Doc is missing from the result."""
    hints = get_type_hints(Environment, include_extras=True)
    docs = {name: next((arg for arg in get_args(hint) if isinstance(arg, Doc)), None) for name, hint in hints.items()}
    return {variable_of(name): doc for name, doc in docs.items() if doc is not None}


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the settings. Raises ValueError that says which value is bad."""
    source = os.environ if variables is None else variables
    given = {
        name: source[variable_of(name)] for name in Environment.__struct_fields__ if source.get(variable_of(name), "")
    }
    try:
        found = msgspec.convert(given, Environment, strict=False, dec_hook=_to_path)
        clock.parse(found.clock).now()
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise ValueError(f"a {PREFIX}… setting is not usable: {error}") from error
    return found


def inherited(**settings: str) -> dict[str, str]:
    """Give this process's variables with some settings, by their fields' names, put in: for a child process."""
    return {**os.environ, **{variable_of(name): value for name, value in settings.items()}}


def provide(**settings: str) -> None:
    """Give this process settings, by their fields' names, that its environment lacks."""
    for name, value in settings.items():
        if not os.environ.get(variable_of(name)):
            os.environ[variable_of(name)] = value


def choose_home(home: Path | None) -> None:
    """Take another home than the environment's, if one is given: for this process and those it starts."""
    if home is not None:
        os.environ[variable_of("home")] = str(home)


def point_to_django_settings() -> None:
    """Tell Django where its settings are, unless somebody told it already; call it before `django.setup()`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dothi.config.settings")


def _to_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
