from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework_review", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="finish",
            name="variant",
            field=models.CharField(default="", max_length=64),
        ),
    ]
