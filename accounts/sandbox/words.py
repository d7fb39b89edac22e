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
        """contour lines, paper maps, hand-drawn street plans, the 1911 harbour survey,
        map projections, open street data, a relief globe, nautical charts, place
        names, the folding of large sheets, tram network maps, hachures""",
        "New on the table: {a}. Come and look with us on Saturday.",
        "We scanned {n} sheets today. The surprise was {a} beside {b}.",
        "A short guide to {a}, for people who only ever used a phone.",
        "Planning a walk around {p}: {a} helped more than any screen.",
        "Someone left a folder about {b} at our door in {p}. Thank you, whoever you are.",
        "How we check {a} against {b} before we print a map.",
        "Workshop recap: {n} people, one long table, and {a}.",
    ),
    "accessibility": _interest(
        """skip links, focus outlines, alt text, screen reader testing, captions,
        keyboard traps, colour contrast, form labels, plain language, heading order,
        reduced motion, touch target size""",
        "Recap of my talk on {a}, with slides and the questions I could not answer.",
        "Tested {n} booking sites for {a}. Two passed, and both had thought about {b}.",
        "Please look at {a} before launch. Looking later costs {n} times as much.",
        "A thread on {a}: what it is, who needs it, how to check it in a minute.",
        "Today a user showed me how {a} and {b} belong together.",
        "Checklist for {a}, free to use at work.",
        "We fixed {a} on the library site in {p}. Calls to the desk went down.",
    ),
    "gardening": _interest(
        """tomato seedlings, compost, raised beds, heirloom beans, pruning roses, the
        greenhouse, slug fences, rain barrels, apple grafting, wildflower strips,
        garlic, leaf mould""",
        "First harvest of the year, thanks to {a} and a warm spring in {p}.",
        "Swap day at the allotment: I have {a}, I am looking for {b}.",
        "What {n} weeks without rain did to {a}, in pictures.",
        "I was wrong about {a}. Starting with {b} changed everything.",
        "Planting calendar for {p}: start with {a}, wait with {b}.",
        "The school garden now has {a}. Twelve children, one hose, many questions.",
    ),
    "coffee": _interest(
        """pour-over, a hand grinder, light roasts, water temperature, washed Ethiopians,
        the moka pot, cupping notes, decaf, milk texture, a gooseneck kettle, cold
        brew, paper filters""",
        "Tasted {n} coffees in {p} this morning. The winner was all about {a}.",
        "My recipe for {a}: fifteen grams, patience, and good {b}.",
        "Opening at seven tomorrow with a new roast. Ask us about {a}.",
        "Unpopular view: {a} matters less than {b}.",
        "We cleaned the roaster and found {n} years of dust. Next batch: {a}.",
        "How to fix a sour cup: look at {a} first, then at {b}.",
    ),
    "cycling": _interest(
        """the cargo bike, gravel roads, dynamo lights, protected lanes, tubeless tyres,
        a leaky headset, the school run by bike, bike parking, chain wax, a night
        ride, panniers, mudguards""",
        "Counted {n} hundred riders on the new bridge in {p}. Everybody asked about {a}.",
        "{n} days on the road with {a}. The weak point was {b}.",
        "Repair evening on Thursday: bring {a}, we have tea and tools.",
        "Please think of {a} before you paint another sign about {b}.",
        "Route of the week: out of {p}, along the river, home by dark.",
        "Taught my neighbour about {a}. She now overtakes me.",
    ),
    "cooking": _interest(
        """jollof rice, sourdough, slow onions, chickpea stew, a cast-iron pan, pickled
        radish, flatbread, stock from scraps, cardamom buns, tamarind, Sunday lunch,
        knife skills""",
        "Tonight for {n}: {a}, {b}, and whatever the market in {p} had.",
        "My aunt's way with {a}, written down at last.",
        "You do not need {b} for good {a}. You need time.",
        "New video: {a} in one pot, under an hour, for people who hate washing up.",
        "Three mistakes I made with {a} so that you do not have to.",
        "We fed {n} hundred people at the street kitchen. {a} went first.",
    ),
    "birds": _interest(
        """swifts, a pair of ospreys, night migration, nest boxes, the dawn chorus,
        waders at low tide, a lost hoopoe, feather moult, owl pellets, bird ringing,
        starling roosts, goldcrests""",
        "{n} swallows over {p} this morning, and then, out of nowhere, {a}.",
        "Help us count {a} on Sunday. Binoculars can be borrowed.",
        "The best place near {p} for {a} is the old railway bridge.",
        "Recorded {a} at four in the morning. Worth the cold.",
        "A note on {a}: please keep your distance while {b} are about.",
        "The council heard us about {a}. It took {n} meetings.",
    ),
    "photography": _interest(
        """medium format film, street portraits, window light, a pinhole camera, darkroom
        printing, long exposures, contact sheets, the golden hour, old lenses, photo
        zines, tintypes, black and white""",
        "{n} frames left on the roll from {p}. Saved them for {a}.",
        "Print of the week: {a}, on warm paper.",
        "I teach {a} on Mondays. No camera needed for the first lesson.",
        "Found my first pictures. Too much {b}, and a lot of heart.",
        "How {a} changed the way I look at {b}.",
        "Exhibition opens in {p} on Friday. Mostly {a}.",
    ),
    "running": _interest(
        """easy miles, hill repeats, trail shoes, a first half marathon, parkland loops,
        running in the rain, stretching, pacing a friend, interval training, early
        starts, fell running, a rest week""",
        "{n} kilometres before breakfast in {p}. Mostly {a}.",
        "Back after an injury. Lesson: more {a}, less hurry.",
        "Group run on Wednesday: all speeds, nobody left behind. We do {a}.",
        "My plan for the autumn is {a} and one day of {b}.",
        "Finished last and smiling. Thank you to everybody who helped with {a}.",
        "What nobody told me about {a}.",
    ),
    "woodwork": _interest(
        """dovetail joints, a hand plane, green wood, spoon carving, ash and oak,
        sharpening, linseed oil, a shaving horse, kumiko panels, chair legs, hide
        glue, offcuts""",
        "Made {n} stools this month. The secret is {a}.",
        "A slow video about {a}: no music, only the plane.",
        "Found a book on {b} at a flea market in {p} and read it over the weekend.",
        "Teaching {a} to teenagers. They are better than I was.",
        "If your joints do not close, look at {a}.",
        "Gave away {n} boxes from my time with {b}. The workshop is a room again.",
    ),
    "books": _interest(
        """novels in translation, the lending library, short stories, marginal notes, a
        reading circle, children's picture books, second-hand shops, poetry readings,
        audio books, essays about rivers, large print, letterpress covers""",
        "Read {n} books in {p} this month. The one to keep is about {a}.",
        "Our library has a new shelf on {a}. Ask at the desk.",
        "Tonight at seven: {a}, then tea.",
        "I gave {b} another chance. I am glad that I did.",
        "A page about {a} for people who say they do not like reading.",
        "Closing the shop for inventory. {n} thousand titles, and {a}.",
    ),
    "music": _interest(
        """the nyckelharpa, brass bands, field recordings, a choir of beginners, fado,
        drum patterns, tape loops, guitar tuning, kora lessons, a house concert, sheet
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
        craters, noctilucent clouds, star charts, sunspots, the Milky Way, variable
        stars, an eclipse, light pollution""",
        "Clear sky over {p}. We had {n} visitors and {a}.",
        "How to begin with {a}, without any equipment.",
        "Street lamps in {p} went amber, and people talk about {a} again.",
        "Sketch at the eyepiece: {a}, about {n} minutes of patience.",
        "Next public evening: {a} first, {b} if the clouds allow.",
        "A child asked me about {a}. Best question of the night.",
    ),
    "languages": _interest(
        """Portuguese vowels, sign language, verb tables, loan words, subtitles, an old
        dialect, flash cards, untranslatable words, tandem evenings, dictionary slips,
        children's rhymes, place-name endings""",
        "Word of the day comes from {p} and belongs to {a}.",
        "{n} years of {a}, and I still mix up the tones.",
        "Conversation table on Tuesday. Bring {a}, leave your fear of mistakes.",
        "The grammar book says one thing about {a}. My landlady says another.",
        "Recording {a} with the last {n} speakers of the valley.",
        "Learning {a} through {b}: slower, and it stays.",
    ),
    "textiles": _interest(
        """visible mending, natural dyes, a floor loom, sock heels, quilting bees,
        indigo, raw wool, sashiko, buttonholes, a hand-me-down coat, batik, spindle
        spinning""",
        "Mended {n} pairs of trousers in {p} last night. {a} does it.",
        "Before and after: {a}, with thread from {b}.",
        "Dye pot report on {a}: it came out green, and nobody knows why.",
        "Pattern for {a} is up. It is free for schools.",
        "Class on {a}, every second Thursday. Beginners get the good chairs.",
        "This coat has had {n} owners. The last one taught me {a}.",
    ),
    "software": _interest(
        """open source, code review, database migrations, flaky tests, Django, type
        hints, release notes, a slow query, static sites, error messages, dependency
        updates, pair programming""",
        "Released version {n} today. Mostly {a}, and a thank you to {b}.",
        "Debugging story: I blamed {a}. It was {b}.",
        "We removed {n} thousand lines and wrote a page about {a}.",
        "Good work on {a} is kindness to whoever is on call in {p} at night.",
        "Writing about {a} for people who are new to it. Questions welcome.",
        "Unglamorous work of the week: {a}.",
    ),
    "trains": _interest(
        """night trains, a rail pass, the mountain railway, old timetables, station
        clocks, branch lines, sleeper cars, platform coffee, signal boxes, the ferry
        connection, dining cars, narrow gauge""",
        "{n} trains, one border, and {a}. {p} by tomorrow noon.",
        "A place in the new timetable for {a}: our letter to the ministry.",
        "Trip report from {p}: {a}, {b}, and a kind conductor.",
        "The line is open again after {n} years. I wrote about it, and about {a}.",
        "How to book {a} without losing an evening.",
        "The case for {b}, in numbers that fit on one page.",
    ),
    "pottery": _interest(
        """celadon glaze, raku firing, wheel throwing, porcelain, slipware, kiln shelves,
        handles, wild clay, tea bowls, pit firing, reclaimed clay, ash glaze""",
        "Opened the kiln in {p}: {n} survivors, and {a} came out best.",
        "A note on {a}: thinner than you think, slower than you like.",
        "Found clay behind the studio and thought of {a}. It holds water.",
        "Seconds sale on Sunday: {b}, low prices, honest cracks.",
        "My hands finally understand {a}. It took {n} months.",
        "Studio tour: {a} on the left, {b} drying on the right.",
    ),
    "hiking": _interest(
        """hut to hut, waymarks, a ridge walk, wool socks, river crossings, the coast
        path, trail repair, a light tent, blisters, winter walking, shelter logbooks,
        bilberries""",
        "{n} days from {p} to the sea. Rain on most of them, and {a}.",
        "We repaired the path with volunteers and talked about {a}. Come in spring.",
        "Packing list with reasons: {a} yes, {b} no.",
        "The best thing about {a} is that nobody is in a hurry.",
        "Path report from {p}: passable again, with {a} on the way.",
        "My mother is seventy and came along for {a}. She knew all about {b}.",
    ),
    "games": _interest(
        """cooperative board games, go problems, a chess club, print and play, dice
        towers, rule books, mancala, game night, solo modes, card sleeves,
        playtesting, wooden pieces""",
        "Game night in {p}: {n} tables, {a}, and one very long explanation.",
        "Playtest notes: yes to {a}, no to {b}.",
        "What {a} taught my pupils about patience.",
        "Lost {n} times to an eight-year-old who loves {a}.",
        "We lend games at the library now. Most wanted: {a}.",
        "Designing {a} with blind players changed how I think about {b}.",
    ),
}
