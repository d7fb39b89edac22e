"""What the made-up people write about: things, and sentences with room for them.

`{a}` and `{b}` are two different things of the interest, `{n}` a small number, `{p}` a place.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interest:
    """Vocabulary of one interest. Both lists are long enough that repeats are rare."""

    things: tuple[str, ...]
    lines: tuple[str, ...]


PLACES = (
    "Lisbon", "Porto", "Uppsala", "Gdynia", "Leith", "Bergen", "Nantes", "Turin", "Oulu", "Izmir",
    "Ibadan", "Kisumu", "Mysuru", "Sylhet", "Kanazawa", "Jeonju", "Hangzhou", "Cebu", "Bandung",
    "Recife", "Oaxaca", "Medellín", "Ghent", "Duluth", "Nanaimo", "Dunedin", "Hobart", "Graz",
)  # fmt: skip

# Fit every interest: how people talk between the longer posts.
COMMON = (
    "Notes from {p}: {a}, {b}, and a long talk afterwards.",
    "Somebody asked how I got into {a}. It began with {b} and a rainy week.",
    "If you know a good teacher for {a} near {p}, please tell me.",
    "Year {n} of learning about {a}. I still get {b} wrong.",
    "Small thing that made my week: {a}.",
    "Reading about {a} tonight. What should I read about {b} after it?",
)

REPLIES = (
    "I had the same trouble with {a}. What helped was {b}.",
    "Thank you, this explains {a} better than anything I found.",
    "Agreed about {a}, though in {p} we do it the other way round.",
    "Good question. Start with {a} and leave {b} for later.",
    "Yes, and {b} matters more than people think.",
)


def _interest(things: str, *lines: str) -> Interest:
    """Return an interest from its things, separated by commas, and its sentences."""
    return Interest(tuple(" ".join(thing.split()) for thing in things.split(",")), lines)


INTERESTS: dict[str, Interest] = {
    "maps": _interest(
        """contour lines of a topographic map, paper maps and cartography, hand-drawn street
        plans, the 1911 harbour survey, map projections, OpenStreetMap, a relief globe,
        nautical charts, satellite imagery, the folding of large sheets, tram network maps in
        QGIS, hachures in old cartography""",
        "New on the table: {a}. Come and look with us on Saturday.",
        "We scanned {n} sheets today. The surprise was {a} beside {b}.",
        "A short guide to {a}, for people who only ever used a phone.",
        "Planning a walk around {p}: {a} helped more than any screen.",
        "Someone left a folder about {b} at our door in {p}. Thank you, whoever you are.",
        "How we check {a} against {b} before we print a map.",
        "Workshop recap: {n} people, one long table, and {a}.",
    ),
    "accessibility": _interest(
        """skip links and web accessibility, focus outlines, alt text, screen reader
        testing, captions, keyboard traps and WCAG, colour contrast in WCAG, form labels for
        screen readers, plain language, accessible design, reduced motion, assistive
        technology""",
        "Recap of my talk on {a}, with slides and the questions I could not answer.",
        "Tested {n} booking sites for {a}. Two passed, and both had thought about {b}.",
        "Please look at {a} before launch. Looking later costs {n} times as much.",
        "A thread on {a}: what it is, who needs it, how to check it in a minute.",
        "Today a user showed me how {a} and {b} belong together.",
        "Checklist for {a}, free to use at work.",
        "We fixed {a} on the library site in {p}. Calls to the desk went down.",
    ),
    "gardening": _interest(
        """tomato plants, compost, raised beds, a kitchen garden, pruning roses, the
        greenhouse, slug fences, rain barrels, heirloom tomatoes, wildflower strips,
        growing vegetables, leaf mould""",
        "First harvest of the year, thanks to {a} and a warm spring in {p}.",
        "Swap day at the allotment: I have {a}, I am looking for {b}.",
        "What {n} weeks without rain did to {a}, in pictures.",
        "I was wrong about {a}. Starting with {b} changed everything.",
        "Planting calendar for {p}: start with {a}, wait with {b}.",
        "The school garden now has {a}. Twelve children, one hose, many questions.",
    ),
    "coffee": _interest(
        """pour-over coffee, a hand grinder for coffee beans, light roasts, water temperature,
        specialty coffee, the moka pot, cupping notes, decaf coffee, latte art,
        a gooseneck kettle, cold brew coffee, espresso and paper filters""",
        "Tasted {n} coffees in {p} this morning. The winner was all about {a}.",
        "My recipe for {a}: fifteen grams, patience, and good {b}.",
        "Opening at seven tomorrow with a new roast. Ask us about {a}.",
        "Unpopular view: {a} matters less than {b}.",
        "We cleaned the roaster and found {n} years of dust. Next batch: {a}.",
        "How to fix a sour cup: look at {a} first, then at {b}.",
    ),
    "cycling": _interest(
        """the cargo bike, gravel roads by bicycle, dynamo lights, protected bike lanes,
        tubeless tyres, a leaky headset, the school run by cargo bike, bike parking, chain wax,
        a night bike ride, panniers, mudguards and bicycle commuting""",
        "Counted {n} hundred riders on the new bridge in {p}. Everybody asked about {a}.",
        "{n} days on the road with {a}. The weak point was {b}.",
        "Repair evening on Thursday: bring {a}, we have tea and tools.",
        "Please think of {a} before you paint another sign about {b}.",
        "Route of the week: out of {p}, along the river, home by dark.",
        "Taught my neighbour about {a}. She now overtakes me.",
    ),
    "cooking": _interest(
        """jollof rice, sourdough bread, slow onions, a lamb stew recipe, cooking in a
        cast-iron pan, pickled radish, baking flatbread, broth from scraps, cardamom buns, home
        cooking, Sunday lunch, knife skills""",
        "Tonight for {n}: {a}, {b}, and whatever the market in {p} had.",
        "My aunt's way with {a}, written down at last.",
        "You do not need {b} for good {a}. You need time.",
        "New video: {a} in one pot, under an hour, for people who hate washing up.",
        "Three mistakes I made with {a} so that you do not have to.",
        "We fed {n} hundred people at the street kitchen. {a} went first.",
    ),
    "birds": _interest(
        """swifts, a pair of ospreys, bird migration, nest boxes, the dawn chorus of songbirds,
        waders at low tide, a lost hoopoe, birdwatching by bus, barn owl pellets, bird ringing,
        starling roosts, seabirds""",
        "{n} swallows over {p} this morning, and then, out of nowhere, {a}.",
        "Help us count {a} on Sunday. Binoculars can be borrowed.",
        "The best place near {p} for {a} is the old railway bridge.",
        "Recorded {a} at four in the morning. Worth the cold.",
        "A note on {a}: please keep your distance while {b} are about.",
        "The council heard us about {a}. It took {n} meetings.",
    ),
    "photography": _interest(
        """medium format film, street photography, window light, a pinhole camera,
        darkroom printing, long exposures, contact sheets, the golden hour, old lenses,
        a film camera, tintypes, black and white photography""",
        "{n} frames left on the roll from {p}. Saved them for {a}.",
        "Print of the week: {a}, on warm paper.",
        "I teach {a} on Mondays. No camera needed for the first lesson.",
        "Found my first pictures. Too much {b}, and a lot of heart.",
        "How {a} changed the way I look at {b}.",
        "Exhibition opens in {p} on Friday. Mostly {a}.",
    ),
    "running": _interest(
        """easy miles, hill repeats, trail running, a first half marathon, parkland loops,
        running in the rain, stretching for runners, pacing a friend, interval training for
        runners, early starts, fell running, a rest week from marathon training""",
        "{n} kilometres before breakfast in {p}. Mostly {a}.",
        "Back after an injury. Lesson: more {a}, less hurry.",
        "Group run on Wednesday: all speeds, nobody left behind. We do {a}.",
        "My plan for the autumn is {a} and one day of {b}.",
        "Finished last and smiling. Thank you to everybody who helped with {a}.",
        "What nobody told me about {a}.",
    ),
    "woodwork": _interest(
        """dovetail joints, a hand plane, green wood, spoon carving, ash and oak, sharpening
        for woodworkers, linseed oil, a workbench, kumiko panels, furniture making, hide
        glue, offcuts""",
        "Made {n} stools this month. The secret is {a}.",
        "A slow video about {a}: no music, only the plane.",
        "Found a book on {b} at a flea market in {p} and read it over the weekend.",
        "Teaching {a} to teenagers. They are better than I was.",
        "If your joints do not close, look at {a}.",
        "Gave away {n} boxes from my time with {b}. The workshop is a room again.",
    ),
    "books": _interest(
        """novels in translation, the public library, short stories, marginal notes, a
        book club, children's picture books, second-hand shops, poetry readings,
        a reading list, essays about rivers, library books, letterpress covers""",
        "Read {n} books in {p} this month. The one to keep is about {a}.",
        "Our library has a new shelf on {a}. Ask at the desk.",
        "Tonight at seven: {a}, then tea.",
        "I gave {b} another chance. I am glad that I did.",
        "A page about {a} for people who say they do not like reading.",
        "Closing the shop for inventory. {n} thousand titles, and {a}.",
    ),
    "music": _interest(
        """the nyckelharpa, songwriting, field recordings, a community choir, fado,
        drum patterns, a cappella songs, guitar tuning, kora music, a house concert, sheet
        music, modular synths""",
        "New recording: {a}, one take, in a church in {p}.",
        "Rehearsal notes: {n} voices, {a}, and a broken radiator.",
        "Looking for a viola in {p}. We play {a} and share the bread.",
        "How {a} and {b} found each other in our kitchen.",
        "Free sheet music for {a}. Change whatever you like.",
        "I played {b} for my grandfather. He corrected the tempo.",
    ),
    "astronomy": _interest(
        """the Perseids, Saturn's rings, a home-made telescope, dark skies, lunar
        craters, noctilucent clouds, star charts, sunspots, the Milky Way by telescope, variable
        stars, a solar eclipse, stargazing""",
        "Clear sky over {p}. We had {n} visitors and {a}.",
        "How to begin with {a}, without any equipment.",
        "Street lamps in {p} went amber, and people talk about {a} again.",
        "Sketch at the eyepiece: {a}, about {n} minutes of patience.",
        "Next public evening: {a} first, {b} if the clouds allow.",
        "A child asked me about {a}. Best question of the night.",
    ),
    "languages": _interest(
        """Portuguese phonetics, sign language, verb tables, etymology, subtitles, an
        endangered language, flash cards for a foreign language, untranslatable words, tandem
        evenings of language exchange, dictionary slips, my mother tongue, linguistics""",
        "Word of the day comes from {p} and belongs to {a}.",
        "{n} years of {a}, and I still mix up the tones.",
        "Conversation table on Tuesday. Bring {a}, leave your fear of mistakes.",
        "The grammar book says one thing about {a}. My landlady says another.",
        "Recording {a} with the last {n} speakers of the valley.",
        "Learning {a} through {b}: slower, and it stays.",
    ),
    "textiles": _interest(
        """visible mending, natural dyes, a floor loom, hand-knit socks, quilting bees,
        a sewing machine, raw wool, sashiko, buttonholes, a knitted coat, patchwork, spindle
        spinning""",
        "Mended {n} pairs of trousers in {p} last night. {a} does it.",
        "Before and after: {a}, with thread from {b}.",
        "Dye pot report on {a}: it came out green, and nobody knows why.",
        "Pattern for {a} is up. It is free for schools.",
        "Class on {a}, every second Thursday. Beginners get the good chairs.",
        "This coat has had {n} owners. The last one taught me {a}.",
    ),
    "software": _interest(
        """open source maintainers, code review, slow databases, flaky tests, Django migrations,
        type hints, release notes, a slow SQL query, static sites, unit tests, free software,
        pair programming""",
        "Released version {n} today. Mostly {a}, and a thank you to {b}.",
        "Debugging story: I blamed {a}. It was {b}.",
        "We removed {n} thousand lines and wrote a page about {a}.",
        "Good work on {a} is kindness to whoever is on call in {p} at night.",
        "Writing about {a} for people who are new to it. Questions welcome.",
        "Unglamorous work of the week: {a}.",
    ),
    "trains": _interest(
        """night trains, a rail pass for train travel, the mountain railway, old timetables,
        station clocks, railway branch lines, a sleeper train, platform benches, signal boxes,
        the steam locomotive, dining cars, high-speed rail""",
        "{n} trains, one border, and {a}. {p} by tomorrow noon.",
        "A place in the new timetable for {a}: our letter to the ministry.",
        "Trip report from {p}: {a}, {b}, and a kind conductor.",
        "The line is open again after {n} years. I wrote about it, and about {a}.",
        "How to book {a} without losing an evening.",
        "The case for {b}, in numbers that fit on one page.",
    ),
    "pottery": _interest(
        """celadon glaze, raku firing, wheel throwing, porcelain, stoneware, kiln shelves,
        ceramics, wild clay, earthenware, pit firing, reclaimed clay, a ceramic glaze""",
        "Opened the kiln in {p}: {n} survivors, and {a} came out best.",
        "A note on {a}: thinner than you think, slower than you like.",
        "Found clay behind the studio and thought of {a}. It holds water.",
        "Seconds sale on Sunday: {b}, low prices, honest cracks.",
        "My hands finally understand {a}. It took {n} months.",
        "Studio tour: {a} on the left, {b} drying on the right.",
    ),
    "hiking": _interest(
        """a hike from hut to hut, hiking trails, a ridge walk, hiking boots, river crossings,
        the coast path on a day hike, trail repair, a light tent, backpacking, winter walking,
        shelter logbooks, bilberries""",
        "{n} days from {p} to the sea. Rain on most of them, and {a}.",
        "We repaired the path with volunteers and talked about {a}. Come in spring.",
        "Packing list with reasons: {a} yes, {b} no.",
        "The best thing about {a} is that nobody is in a hurry.",
        "Path report from {p}: passable again, with {a} on the way.",
        "My mother is seventy and came along for {a}. She knew all about {b}.",
    ),
    "games": _interest(
        """cooperative board games, go problems, a chess club, print and play, dice towers, rule
        books of board games, mancala, board game night, solo play, card sleeves, playtesting
        a board game, wooden pieces""",
        "Game night in {p}: {n} tables, {a}, and one very long explanation.",
        "Playtest notes: yes to {a}, no to {b}.",
        "What {a} taught my pupils about patience.",
        "Lost {n} times to an eight-year-old who loves {a}.",
        "We lend games at the library now. Most wanted: {a}.",
        "Designing {a} with blind players changed how I think about {b}.",
    ),
}
