from django.db import migrations


class Migration(migrations.Migration):
    """Grants say what a person may do: the one role is gone. Apart, as PostgreSQL alters no table in a data change."""

    dependencies = [("accounts", "0003_departments_and_grants")]

    operations = [migrations.RemoveField(model_name="user", name="role")]
