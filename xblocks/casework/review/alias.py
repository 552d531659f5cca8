"""Names under which instructors see learners: a thing of land, water or weather, and a number.

No word is a person's name, a people, a rank or a belief, and none is said of people in contempt; animals that somebody
might not want to be called are left out. No storage in here: which candidate a learner has is `api.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.crypto import salted_hmac

WORDS = tuple(
    """
    Acacia Acorn Agate Anchor Anise Antler Arbor Atoll Bamboo Banyan Barley Basil Bay Beacon Bellflower Birch Blossom
    Breeze Bridge Brook Bulrush Cactus Canoe Canyon Cardamom Cassia Cedar Cinnamon Cirrus Clay Cliff Clove Clover Cobalt
    Comet Compass Copper Coral Cormorant Cosmos Cotton Cove Crane Creek Cricket Crystal Cypress Dawn Delta Dewdrop Dolphin
    Dragonfly Drizzle Drum Dune Dusk Eagle Ebony Echo Eddy Egret Elm Ember Estuary Falcon Feather Fern Ferry Field Finch
    Firefly Fjord Flint Flute Forest Fountain Galaxy Garnet Gecko Geyser Glacier Glade Gong Granite Grove Gull Harbour
    Harvest Hazel Heron Hibiscus Hill Horizon Hornbill Indigo Island Jackfruit Jetty Juniper Kayak Kelp Kestrel Kingfisher
    Kite Lagoon Lake Lantern Larch Lark Lavender Leaf Lemon Lentil Lighthouse Lime Linden Lotus Lychee Mango Mangrove Maple
    Marble Marsh Meadow Meteor Millet Mint Mist Monsoon Moon Moss Mountain Nebula Nutmeg Oak Oasis Oboe Ocean Onyx Opal
    Orbit Orchid Osprey Otter Paddle Palm Papaya Paprika Parasol Pebble Pelican Peninsula Pepper Petal Pine Planet Plover
    Pomelo Pond Poplar Prairie Prism Quartz Quay Quill Rain Rainbow Rambutan Raft Reed Reef Ribbon Ridge Ripple River
    Saffron Sage Sail Sandbar Sandpiper Sapling Satin Savanna Seashell Seed Sesame Shore Silk Sitar Sky Slate Snowdrop
    Sorrel Spark Sparrow Spring Spruce Star Starfish Stone Stork Stream Summit Sunrise Swallow Swift Tamarind Teak Tern
    Terrace Thicket Thistle Thyme Tide Topaz Trail Tulip Turmeric Turnstone Turtle Valley Velvet Walnut Warbler Waterfall
    Wave Wharf Wheat Willow Wind Woodland Wren Yarrow Zenith Zephyr Zinnia
    """.split()  # noqa: SIM905  a list of 200 literals would fill three pages
)
_NUMBERS = 100
_TWO_DIGIT_TRIES = 50


def candidates(course_id: str, student_id: str) -> Iterator[str]:
    """Names for one learner in one course, the first one first: always the same, and telling nothing without the
    server's secret. Never ends: a course in which two digits are used up goes on with six."""
    turn = 0
    while True:
        digest = salted_hmac("casework.review.alias", f"{course_id}\n{student_id}\n{turn}", algorithm="sha256").digest()
        word = WORDS[int.from_bytes(digest[:8]) % len(WORDS)]
        drawn = int.from_bytes(digest[8:16])
        yield f"{word} {drawn % _NUMBERS:02}" if turn < _TWO_DIGIT_TRIES else f"{word} {drawn % 1_000_000:06}"
        turn += 1
