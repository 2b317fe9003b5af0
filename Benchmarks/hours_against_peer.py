#!/usr/bin/env python3
"""Asks `relais hours` and PyPI's opening-hours-py the same: expressions drawn at random, at least 100 for each element of the language, over 2025 to 2027.

    python3 Benchmarks/hours_against_peer.py [--each 135] [--seed 20261126] [--relais .build/release/relais]

Needs opening-hours-py 2.1.4 and vacances-scolaires-france, which it puts into a virtual environment below .build. Where the two differ, the
specification decides, and what it says is worked out here from simpler questions to the peer: docs/opening-hours.md lists each such difference. One
that is not among them is a failure. The school holidays are compared day by day.
"""
import argparse, collections, concurrent.futures, datetime, json, os, random, re, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".build", "hours-peer")
FROM, TO = "2025-01-01T00:00", "2028-01-01T00:00"
LATITUDE, LONGITUDE = 45.44, 4.39
DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

try:
    from opening_hours import OpeningHours
    from vacances_scolaires_france import SchoolHolidayDates
except ImportError:
    if not os.path.exists(VENV):
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([os.path.join(VENV, "bin", "pip"), "install", "-q", "opening-hours-py==2.1.4", "vacances-scolaires-france"], check=True)
    os.execv(os.path.join(VENV, "bin", "python"), [os.path.join(VENV, "bin", "python"), *sys.argv])


def elements(drawn):
    """Element of the language -> what draws an expression with it."""
    pick, number = drawn.choice, drawn.randrange

    def span():
        start = number(24, 56)
        end = number(start + 2, 88)
        return f"{start // 4:02}:{start % 4 * 15:02}-{end // 4:02}:{end % 4 * 15:02}"

    def times():
        if drawn.random() < .7:
            return span()
        start = number(14, 22)
        return f"{start // 2:02}:{start % 2 * 30:02}-12:00,{number(13, 15)}:00-{number(16, 20)}:30"

    def days():
        kind = drawn.random()
        if kind < .3:
            return pick(DAYS)
        if kind < .7:
            return "-".join(DAYS[i] for i in drawn.sample(range(7), 2))
        return ",".join(DAYS[i] for i in sorted(drawn.sample(range(7), pick([2, 3]))))

    def date():
        month = number(12)
        return f"{MONTHS[month]} {number(1, LENGTHS[month] + 1):02}"

    def months():
        a, b = drawn.sample(range(12), 2)
        return f"{MONTHS[a]}-{MONTHS[b]} {days()} {times()}" if drawn.random() < .6 else f"{MONTHS[a]},{MONTHS[b]} {times()}"

    def dated():
        if drawn.random() < .4:
            return f"2025 Dec {number(1, 31):02}-2026 Jan {number(1, 31):02} {times()}"
        a, b = sorted(drawn.sample(range(12), 2))
        return f"2026 {MONTHS[a]} {number(1, 28):02}-2026 {MONTHS[b]} {number(1, 28):02} {times()}"

    def weeks():
        if drawn.random() < .2:
            return f"week {number(1, 53):02} {times()}"
        a, b = sorted(drawn.sample(range(1, 54), 2))
        return f"week {a:02}-{b:02}{'/' + str(pick([2, 3, 4])) if drawn.random() < .6 else ''} {days()} {times()}"

    return {
        "weekdays": lambda: f"{days()} {times()}",
        "nth weekday": lambda: f"{pick(DAYS)}[{pick(['1', '2', '3', '4', '5', '-1', '-2', '1,3', '2-4'])}] {times()}",
        "nth with offset": lambda: f"{pick(DAYS)}[{pick(['1', '2', '-1'])}] {pick(['+1 day', '-1 day', '+2 days', '-3 days'])} {times()}",
        "months": months,
        "dates": lambda: f"{date()} {times()}",
        "date ranges": lambda: f"{date()}-{date()} {days() + ' ' if drawn.random() < .5 else ''}{times()}",
        "years": lambda: pick([
            f"{pick([2025, 2026, 2027])} {days()} {times()}", f"2025-2026 {days()} {times()}", f"2026+ {days()} {times()}",
            f"2025-2027/2 {days()} {times()}", f"{pick([2025, 2026])} {pick(MONTHS)} {times()}", f"{pick([2025, 2026])} {date()} {times()}"]),
        "dates with years": dated,
        "weeks with step": weeks,
        "public holidays": lambda: pick([
            f"{days()} {times()}; PH off", f"PH,{days()} {times()}", f"{days()},PH {times()}", f"PH {times()}", f"{days()} {times()}; PH {times()}"]),
        "PH that are weekdays": lambda: f"PH {days()} {times()}",
        "PH with offset": lambda: f"PH {pick(['+1 day', '-1 day'])} {times()}",
        "school holidays": lambda: f"SH {times()}",
        "easter": lambda: pick([
            f"easter {times()}", f"easter {pick(['+1 day', '-2 days', '+39 days', '+50 days'])} {times()}",
            f"{days()} {times()}; easter {pick(['-2 days', '+1 day'])} off", f"easter -2 days-easter +1 day {times()}"]),
        "sun": lambda: pick([
            "sunrise-sunset", "dawn-dusk", "sunrise-18:00", "09:00-sunset", "(sunrise+01:00)-(sunset-00:30)", f"{days()} (sunrise-00:15)-12:00",
            f"{days()} 10:00-(dusk+00:20)"]),
        "open end": lambda: pick([f"{days()} {number(8, 20):02}:00+", f"{days()} {number(8, 12):02}:00-{number(13, 18)}:00+"]),
        "past midnight": lambda: pick([
            f"{days()} {number(18, 24)}:00-{number(1, 6):02}:00", f"{days()} {number(18, 24)}:30-{number(25, 29)}:00"]),
        "past midnight, closed": lambda: f"{days()} 20:00-03:00; {pick(DAYS)} off",
        "comments": lambda: pick([f'{days()} {times()} "sur rendez-vous"', f'{times()} open "le matin"', f'{days()} off "travaux"']),
        "off, closed, unknown": lambda: pick([
            f"{days()} {times()} unknown", f"{days()} {times()}; {pick(DAYS)} {pick(['off', 'closed'])}", f"{days()} {times()} open",
            f"{times()}; {days()} 12:00-13:00 off", f"{days()} closed", "unknown"]),
        "fallback": lambda: f"{days()} {times()} || {days()} {times()}",
        "fallback to unknown": lambda: f"{days()} {times()} || unknown",
        "additional rules": lambda: pick([
            f"{days()} {times()}, {days()} {times()}", f"{days()} {times()}; {days()} {times()}, {pick(DAYS)} {times()}", f"{days()} {times()}, PH {times()}"]),
        "override": lambda: pick([
            f"{days()} {times()}; {days()} {times()}", f"{days()} {times()}; {pick(MONTHS)} {days()} {times()}",
            f"{days()} {times()}; {date()}-{date()} off; {days()} {times()}"]),
        "always": lambda: pick(["24/7", "24/7; PH off", f"24/7; {days()} off", "Mo-Su 00:00-24:00", f"{days()} 00:00-24:00", f"{pick(MONTHS)} off; {days()} {times()}"]),
    }


def ours(relais, expression, *more):
    done = subprocess.run(
        [relais, "hours", expression, "--from", FROM, "--to", TO, "--holidays", "FR", "--school-zone", "A", "--latitude", str(LATITUDE),
         "--longitude", str(LONGITUDE), "--json", *more], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"relais hours {expression!r}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def peer(expression, state="open", sun=False):
    hours = OpeningHours(expression, country="FR", **({"coords": (LATITUDE, LONGITUDE)} if sun else {}))
    found = []
    for start, end, kind, _ in hours.intervals(datetime.datetime.fromisoformat(FROM), datetime.datetime.fromisoformat(TO)):
        if str(kind) == state:
            found.append([str(start.replace(tzinfo=None))[:16].replace(" ", "T"), str(end.replace(tzinfo=None))[:16].replace(" ", "T")])
    return joined(found)


def joined(intervals):
    found = []
    for start, end in intervals:
        if found and found[-1][1] == start:
            found[-1][1] = end
        else:
            found.append([start, end])
    return found


def marks(*lists):
    return sorted({mark for intervals in lists for interval in intervals for mark in interval})


def combined(one, other, both):
    """The intervals in which both(in one, in other)."""
    edges = marks(one, other)
    within = lambda intervals, mark: any(start <= mark < end for start, end in intervals)
    return joined([[a, b] for a, b in zip(edges, edges[1:]) if both(within(one, a), within(other, a))])


def weekdays_of(text):
    days = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        day = DAYS.index(first)
        days.add(day)
        while last and DAYS[day] != last:
            day = (day + 1) % 7
            days.add(day)
    return days


def day_of(interval):
    return datetime.date.fromisoformat(interval[0][:10])


def after_the_gap(intervals):
    """An end at 02:00 of the night in which 02:00 is 03:00: the same instant."""
    gaps = {"2025-03-30T02:00", "2026-03-29T02:00", "2027-03-28T02:00"}
    return [[start, end.replace("T02:00", "T03:00") if end in gaps else end] for start, end in intervals]


def settled(element, expression, found, holidays):
    """What the specification makes of it, from simpler questions to the peer; None when it does not settle this one. See docs/opening-hours.md."""
    if element == "weeks with step" and (match := re.match(r"week (\d+)-(\d+)/(\d+) (.*)", expression)):
        first, last, step, rest = int(match[1]), int(match[2]), int(match[3]), match[4]
        return [i for i in peer(rest) if (day_of(i).isocalendar()[1] - first) % step == 0 and first <= day_of(i).isocalendar()[1] <= last]
    if element == "PH that are weekdays":
        _, days, times = expression.split(" ", 2)
        return [i for i in peer(f"PH {times}") if day_of(i).weekday() in weekdays_of(days)]
    if element == "school holidays":
        return [i for i in peer(expression[3:]) if holidays.is_holiday_for_zone(day_of(i), "A")]
    if element == "open end":
        if re.search(r"-\d\d:\d\d\+$", expression):
            return peer(expression[:-1])
        return []  # from then on nobody knows until when
    if element == "past midnight":
        return after_the_gap(peer(expression))
    if element == "past midnight, closed":
        left, off = expression.split("; ")
        closed = DAYS.index(off[:2])
        # The hours of the closed day are gone with what they had after midnight, and that day itself is closed.
        kept = [i for i in peer(left) if day_of(i).weekday() != closed]
        spilled = {(datetime.date.fromisoformat(FROM[:10]) - datetime.timedelta(days=1)).weekday()}
        cut = []
        for start, end in kept:
            if datetime.date.fromisoformat(end[:10]).weekday() == closed and end[11:] != "00:00" and start[:10] != end[:10]:
                end = end[:10] + "T00:00"
            cut.append([start, end])
        # What began before the window.
        if kept and kept[0][0] == FROM and ({closed} & (spilled | {datetime.date.fromisoformat(FROM[:10]).weekday()})):
            cut = cut[1:]
        return cut
    if element == "fallback":
        left, right = expression.split(" || ")
        return combined(peer(left), peer(right), lambda a, b: a or b)
    if element == "fallback to unknown":
        return peer(expression.split(" || ")[0])
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=130)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--relais", default=os.path.join(ROOT, ".build/release/relais"))
    options = parser.parse_args()
    holidays = SchoolHolidayDates()
    drawn = random.Random(options.seed)
    asked = [(element, draw()) for element, draw in elements(drawn).items() for _ in range(options.each)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda item: ours(options.relais, item[1]), asked))
    counts, wrong = collections.defaultdict(collections.Counter), []
    minutes = lambda a, b: abs((datetime.datetime.fromisoformat(a) - datetime.datetime.fromisoformat(b)).total_seconds()) / 60
    for (element, expression), answer in zip(asked, answers):
        found, expected = joined(answer["open"]), peer(expression, sun=element == "sun")
        if found == expected:
            counts[element]["same"] += 1
        elif element == "sun" and len(found) == len(expected) and all(
                minutes(a[0], b[0]) <= 3 and minutes(a[1], b[1]) <= 3 for a, b in zip(found, expected)):
            counts[element]["within 3 minutes"] += 1
        elif found == (right := settled(element, expression, found, holidays)):
            counts[element]["differ, settled"] += 1
        else:
            counts[element]["DIFFER"] += 1
            only = [i for i in found if i not in (right or expected)][:2], [i for i in (right or expected) if i not in found][:2]
            wrong.append(f"{element}: {expression}: ours only {only[0]}, expected only {only[1]}")
    days = 0
    for zone in "ABC":
        done = subprocess.run([options.relais, "hours", "SH", "--from", "2023-09-04T00:00", "--to", "2028-09-01T00:00", "--school-zone", zone, "--json"],
                              capture_output=True, text=True, check=True)
        found = set()
        for start, end in json.loads(done.stdout)["open"]:
            day = datetime.date.fromisoformat(start[:10])
            while day < datetime.date.fromisoformat(end[:10]):
                found.add(day)
                day += datetime.timedelta(days=1)
        day = datetime.date(2023, 9, 4)
        while day < datetime.date(2028, 9, 1):
            days += 1
            if (day in found) != holidays.is_holiday_for_zone(day, zone):
                wrong.append(f"school holidays: zone {zone}, {day}: ours {day in found}")
            day += datetime.timedelta(days=1)
    for element, count in counts.items():
        print(f"{element:24}", ", ".join(f"{value} {name}" for name, value in count.items()))
    print(f"school holidays          {days} days of three zones compared")
    for text in wrong[:40]:
        print("WRONG:", text)
    print(f"seed {options.seed}: {len(asked)} expressions, {len(wrong)} differences that the specification does not settle")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
