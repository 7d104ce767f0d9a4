"""Fixtures for all tests: the private servers, each started when the first test needs it."""

import pytest
from django.db import connection
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.config.servers.postgres import PrivatePostgres
from dothi.config.tests.private_servers import SERVERS, PrivateServers

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("dothi", deadline=None)
settings.load_profile("dothi")

pytest_plugins = ["dothi.core.observations.tests.things"]


@pytest.fixture(scope="session")
def private_servers() -> PrivateServers:
    """The servers of this run; they end with the process."""
    return SERVERS


@pytest.fixture(scope="session")
def private_database(private_servers: PrivateServers) -> PrivatePostgres:
    """A running PostgreSQL with PostGIS."""
    return private_servers.start_postgres()


@pytest.fixture(scope="session")
def brokers(private_servers: PrivateServers) -> tuple[PrivateMosquitto, PrivateMosquitto]:
    """The devices' broker and the notifications' broker, running."""
    return private_servers.start_mosquittos()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(private_database: PrivatePostgres) -> None:
    """Start the database before Django makes its test database; no test that needs none waits for it."""


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Leave the tests' database to the end of its server: connections of other threads may still be open to it."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests empty the audit log between two of them; to change an entry stays refused."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_truncate")
