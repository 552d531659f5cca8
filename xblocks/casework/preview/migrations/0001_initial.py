# ruff: noqa: RUF012 (as Django writes it)
"""The tables of `models.py`, first and so far only version."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BlockState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.BigIntegerField()),
                ("scope", models.CharField(max_length=32)),
                ("scope_id", models.CharField(max_length=255)),
                ("state", models.TextField(default="{}")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "scope", "scope_id"), name="casework_preview_one_state")
                ],
            },
        ),
        migrations.CreateModel(
            name="Completion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField()),
                ("course_id", models.CharField(max_length=255)),
                ("usage_id", models.CharField(max_length=255)),
                ("completion", models.FloatField()),
                ("changed", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_id", "course_id", "usage_id"), name="casework_preview_one_completion"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Grade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField()),
                ("course_id", models.CharField(max_length=255)),
                ("usage_id", models.CharField(max_length=255)),
                ("earned", models.FloatField()),
                ("possible", models.FloatField()),
                ("from_submissions", models.BooleanField(default=False)),
                ("changed", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_id", "course_id", "usage_id"), name="casework_preview_one_grade"
                    )
                ],
            },
        ),
    ]
