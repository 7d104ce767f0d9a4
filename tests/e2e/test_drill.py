"""The whole drill in a real browser: 6,000 lamps speak, a feeder is cut, found, dispatched, repaired, accepted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg
import pytest
from playwright.async_api import Browser, Page, expect

from dothi.config.tests.private_servers import choose_servers, find_free_port
from tests.e2e.hands import POINTER_WATCH, Hands, Keyboard, Pointer, pointers_used
from tests.e2e.lights import Lights
from tests.e2e.site import Site
from tests.e2e.test_crew import NETWORK, PHONE, photo
from tests.e2e.visitor import Visitor
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

EVENING: Final = "2026-06-21T20:00:00+07:00"
SPEED: Final = 4
"""Fast enough that three well minutes are soon over; at 5, two cores were at times too slow for all lamps."""
LAMPS, CABINETS = 6_000, 120
PASSWORD: Final = "a long enough phrase 31"
OPERATOR, CREW = "truc-ban-dien-tap", "doi-dien-tap"
ROW: Final = "#alarm-rows [data-alarm]"
SCREEN: Final = (1920, 1080)
REGISTERED_S: Final = 600.0
UNHEARD: Final = (
    f"SELECT {LAMPS + CABINETS} - count(DISTINCT d.thing_id) FROM observations_datastream d"
    " JOIN observations_latest l ON l.datastream_id = d.id WHERE l.phenomenon_time IS NOT NULL"
)
STANDING: Final = "SELECT count(*) FROM alarms_alarm WHERE cleared_at IS NULL"
RETURN_MS: Final = 180_000
"""An alarm is over after three well minutes of the city's time; on a busy machine messages take as long to come."""


@dataclass
class City:
    """A Dothi of its own with all lamps of the simulator, at night."""

    site: Site
    lights: Lights

    def count(self, statement: str) -> int:
        """Count in the record."""
        with psycopg.connect(self.site.settings["DOTHI_DATABASE_URL"]) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return int(row[0]) if row else 0


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city whose lamps are all registered and have all spoken, on servers that no other test knows."""
    servers = choose_servers()
    servers.start_postgres()
    servers.start_mosquittos()
    control = find_free_port()
    wall = datetime.now(UTC).isoformat()  # noqa: TID251 # the anchor of a clock is wall time
    demo = {"DOTHI_DEMO": "true", "DOTHI_SIMULATORS": f"lighting={control}", "DOTHI_CLOCK": f"{EVENING}@{wall}x{SPEED}"}
    site = Site(servers.settings() | demo, find_free_port())
    try:
        site.run("migrate")
        for name, role in ((OPERATOR, "operator"), (CREW, "crew")):
            site.run("users", "create", name, "--role", role, "--password", PASSWORD)
        site.start("ingest")
        site.start("worker")
        site.start_web()
        lights = Lights(site, tmp_path_factory.mktemp("city"), "--no-backfill", lamps=LAMPS, control=control)
        try:
            running = City(site, lights)
            wait_for(lambda: running.count(UNHEARD) == 0, "all are registered and have spoken", within_s=REGISTERED_S)
            wait_for(lambda: running.count(STANDING) == 0, "no alarm stands")
            yield running
        finally:
            lights.stop()
    finally:
        site.stop()
        servers.close()


@dataclass
class Drill:
    """One drill: the people, their hands, and what is broken."""

    city: City
    chromium: Browser
    hands: Hands
    cabinet: str
    members: int

    async def sign_in(self, person: Visitor, name: str, path: str, size: tuple[int, int]) -> Page:
        """Open a page as someone who signs in on the way to it."""
        page = await person.open(f"/sign-in/?next={path}", language="en", size=size, script=POINTER_WATCH)
        await self.hands.write(page.locator("#id_username"), name)
        await self.hands.write(page.locator("#id_password"), PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(person.url + path)
        await expect(page.locator("[data-feed=live]")).to_be_visible()
        return page

    async def break_feeder(self, screen: Page) -> Page:
        """Cut the feeder from another tab; gives the tab."""
        tab = await screen.context.new_page()
        await tab.goto(f"{self.city.site.url}/demo/")
        form = tab.locator("form.break", has_text="Cut a cabinet's phase")
        await self.hands.choose(form.get_by_label("Device"), self.cabinet)
        await self.hands.press(form.get_by_role("button", name="Break it"))
        await expect(tab.get_by_text("It is broken.")).to_be_visible()
        return tab

    async def dispatch(self, screen: Page) -> str:
        """Make a work order of the selected alarm; gives the address of its page."""
        await self.hands.press(screen.locator("[data-deed=dispatch]"))
        await screen.wait_for_url("**/work-orders/new/?alarm=*")
        await self.hands.press(screen.get_by_role("button", name="Issue the order"))
        await expect(screen.get_by_text("is issued.")).to_be_visible()
        return screen.url

    async def go_out(self, phone: Page, title: str) -> None:
        """Take the order on and begin the work, as the crew."""
        await self.hands.press(phone.get_by_role("link", name=title))
        state = phone.locator("[data-fresh=facts] dd").first
        await self.hands.press(phone.get_by_role("button", name="Take it on"))
        await expect(state).to_have_text("Taken on")
        await self.hands.press(phone.get_by_role("button", name="Begin the work"))
        await expect(state).to_have_text("Under way")

    async def report(self, phone: Page) -> None:
        """Photograph, note and report it done, as the crew."""
        await self.hands.write(phone.locator("#note"), "cầu chì 63 A đã thay")
        await self.hands.attach(phone.locator("#photo"), photo())
        await expect(phone.locator("[data-chosen] img")).to_have_count(1)
        await self.hands.press(phone.get_by_role("button", name="Done"))
        await expect(phone.locator("[data-fresh=facts] dd").first).to_have_text("To be approved")
        await expect(phone.locator(".course .photos img")).to_have_count(1)


@pytest.mark.parametrize(
    ("hands", "cabinet", "members"), [(Pointer(), "BD-C-048", 57), (Keyboard(), "BD-C-012", 25)], ids=["hand", "keys"]
)
async def test_a_cut_feeder_is_found_repaired_and_closed(
    chromium: Browser, city: City, hands: Hands, cabinet: str, members: int
) -> None:
    operator, crew = Visitor(chromium, city.site.url), Visitor(chromium, city.site.url)
    drill = Drill(city, chromium, hands, cabinet, members)
    try:
        await _run(drill, operator, crew)
    finally:
        await operator.leave()
        await crew.leave()


async def _run(drill: Drill, operator: Visitor, crew: Visitor) -> None:
    alarms = drill.city.count("SELECT count(*) FROM alarms_alarm")
    screen = await drill.sign_in(operator, OPERATOR, "/", SCREEN)
    await _all_is_normal(screen)
    demo = await drill.break_feeder(screen)
    title = f"Phase A lost: {drill.members} lamps out"
    await _acknowledge(drill, screen, title)
    order = await drill.dispatch(screen)
    phone = await drill.sign_in(crew, CREW, "/crew/", PHONE)
    await drill.go_out(phone, title)
    await demo.bring_to_front()
    await demo.reload()
    await drill.hands.press(demo.get_by_role("button", name="Mend it"))
    await expect(demo.get_by_text("It is mended.")).to_be_visible()
    await phone.bring_to_front()
    await drill.report(phone)
    await _approve(drill, screen, order)
    await screen.goto(operator.url)
    await _all_is_normal(screen)

    assert drill.city.count("SELECT count(*) FROM alarms_alarm") - alarms == 1
    assert drill.city.count(STANDING) == 0
    assert drill.city.count("SELECT count(*) FROM incidents_order WHERE state <> 'approved'") == 0
    assert "whole" in drill.city.site.run("audit", "verify")
    if isinstance(drill.hands, Keyboard):
        assert [await pointers_used(page) for page in (screen, demo, phone)] == [0, 0, 0]
    assert [each for each in operator.complaints + crew.complaints if not any(w in each for w in NETWORK)] == []


async def _all_is_normal(screen: Page) -> None:
    """See all lamps on the operations screen, and no alarm."""
    await screen.wait_for_selector("[data-map=ready]")
    await expect(screen.locator(f"[data-layer='lighting.lamps'][data-total='{LAMPS}']")).to_be_visible()
    await expect(screen.get_by_text("No alarms. All is normal.")).to_be_visible()
    await screen.evaluate("window.isTheSamePage = true")


async def _acknowledge(drill: Drill, screen: Page, title: str) -> None:
    """See the one alarm come without a reload, and acknowledge it."""
    await screen.bring_to_front()
    row = screen.locator(ROW)
    await expect(row).to_have_count(1, timeout=RETURN_MS)
    await expect(row).to_contain_text(title)
    await expect(row).to_contain_text("Unacknowledged")
    await drill.hands.pick_first_alarm(screen)
    await expect(screen.locator("[data-detail^='alarms:']")).to_contain_text(title)
    await drill.hands.acknowledge(screen)
    await expect(row).to_have_attribute("data-state", "acknowledged")
    await expect(row).to_have_attribute("data-pending", "false")
    assert await screen.evaluate("window.isTheSamePage"), "it was loaded anew"


async def _approve(drill: Drill, screen: Page, order: str) -> None:
    """Wait on the order's page until its alarm is over, and accept the work."""
    await screen.bring_to_front()
    assert screen.url == order
    await expect(screen.locator(".all-normal")).to_be_visible(timeout=RETURN_MS)
    await drill.hands.press(screen.get_by_role("button", name="Approve the work"))
    await expect(screen.locator("[data-fresh=head]")).to_contain_text("Approved")
