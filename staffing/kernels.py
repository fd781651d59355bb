"""The compiled arithmetic of waiting lines: blocking, waiting, patience, trunks, chat and the search for positions.

Everything here works on plain numbers that the public modules have checked. One module on purpose, although it is long: see
`enterprise.compiled.compiled`.

Notation (design of the staffing models): load a = arrivals x mean handle time, n positions, and everything about waiting measured
in units of the mean patience: x = n x patience / handle time, z = a x patience / handle time, tau = threshold / patience. With
weight 1 for the state "all positions busy, nobody waits", `below` is the weight of all states with a free position (1/B - 1 for
Erlang B) and the virtual wait s > 0 has density  x exp(z (1 - e^-s) - x s)  (Mandelbaum, Zeltyn 2007; Garnett, Mandelbaum, Reiman
2002). All integrals of it are sums of positive terms, or Gauss-Legendre sums over the window where the log-concave density lives:
nothing cancels, nothing overflows.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled

FloatArray = npt.NDArray[np.float64]
Four = tuple[float, float, float, float]
Seven = tuple[float, float, float, float, float, float, float]

SLACK = 1e-12
"""Relative difference below which a goal counts as met: rounding of the inputs, never a real difference."""

OF_OFFERED, OF_ANSWERED, EXCLUDING_SHORT_ABANDONS, WAIT_WITHIN, VIRTUAL_WAIT = range(5)
VOICE, LOAD_DEPENDENT, SLOTS, EFFECTIVE_HANDLE_TIME = range(4)

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_HALF_WINDOW = 9.0  # standard deviations: exp(-9^2/2) is below 1e-17
_FALL = 40.0  # exp(-40) is below 1e-17
_MOST_TERMS = 300.0


@compiled
def weight_below(load: float, positions: float) -> float:
    """Weight of the states with a free position relative to the state with none: 1/B - 1, for whole positions."""
    if positions <= 0.0:
        return 0.0
    if positions > load + 5.0 * math.sqrt(load) + 20.0:
        # Nearly all Poisson mass lies below: all of it, less the fast tail above.
        gap = (load - positions) / positions
        inverse_square = 1.0 / (positions * positions)
        stirling = 1.0 - inverse_square * (1.0 / 30.0 - inverse_square * (1.0 / 105.0 - inverse_square / 140.0))
        everything = positions * (gap - math.log1p(gap)) + 0.5 * math.log(2.0 * math.pi * positions)
        everything += stirling / (12.0 * positions)
        if everything > 709.0:
            return np.inf
        term, tail, state = 1.0, 1.0, positions
        while term > 1e-17:
            state += 1.0
            term *= load / state
            tail += term
        return math.exp(everything) - tail
    term, total, free = 1.0, 0.0, positions
    per_load = 1.0 / load
    while free >= 4.0:  # four at once: their products do not wait for one another
        one = free * per_load
        two = one * ((free - 1.0) * per_load)
        three = (free - 2.0) * per_load
        four = two * (three * ((free - 3.0) * per_load))
        total += term * (one + two + (two * three + four))
        term *= four
        free -= 4.0
        if free < load and term < 1e-17 * total:
            return total
    while free >= 1.0:
        term *= free * per_load
        total += term
        if free < load and term < 1e-17 * total:
            break
        free -= 1.0
    return total


@compiled
def _series(rate: float, flow: float) -> tuple[float, float, float]:
    """Sums of f_j, j f_j and f_j H_j, where f_j = flow^j / ((rate+1)...(rate+j)) and H_j = 1/rate + ... + 1/(rate+j)."""
    step = 1.0 / rate
    term, harmonic, count = 1.0, step, 0.0
    total, weighted, waited = 1.0, 0.0, step
    while True:
        count += 1.0
        step = 1.0 / (rate + count)
        ratio = flow * step
        term *= ratio
        harmonic += step
        total += term
        weighted += term * count
        waited += term * harmonic
        if ratio < 1.0 and term * count <= 1e-17 * (1.0 - ratio) * weighted:
            return total, weighted, waited


@compiled
def _window(rate: float, flow: float, low: float, high: float) -> Four:
    """Integrals over [low, high] of w, w (e^(s-low) - 1) and w s, for w = exp(flow (1 - e^-s) - rate s - peak); and the peak."""
    mode = math.log(flow / rate) if flow > rate else 0.0
    mode = min(max(mode, low), high)
    curve = flow * math.exp(-mode)
    slope = curve - rate
    peak = -flow * math.expm1(-mode) - rate * mode
    width = _HALF_WINDOW / math.sqrt(curve) if curve > 0.0 else np.inf
    total, weighted, waited = 0.0, 0.0, 0.0
    for side in (-1.0, 1.0):
        if side < 0.0:
            span = min(width, mode - low)
            if slope > 0.0:
                span = min(span, _FALL / slope)
        else:
            span = min(width, _FALL / -slope) if slope < 0.0 else width
            while span < high - mode and rate * span + curve * math.expm1(-span) < 0.95 * _FALL:
                span *= 1.5
            span = min(span, high - mode)
        if span <= 0.0:
            continue
        for node in range(32):
            step = 0.5 * span * (1.0 + _NODES[node])
            value = 0.5 * span * _WEIGHTS[node] * math.exp(-curve * math.expm1(-side * step) - rate * side * step)
            where = mode + side * step
            total += value
            weighted += value * math.expm1(where - low)
            waited += value * where
    return total, weighted, waited, peak


@compiled
def _tail(rate: float, flow: float, low: float) -> Four:
    """Integrals over [low, infinity) as in `_window`, by series where that is short; (total, weighted, waited, peak).

    `waited` is right for low = 0 only, `weighted` only where flow e^-low < rate (elsewhere it is not needed).
    """
    here = flow * math.exp(-low)
    terms = here - rate + math.sqrt(80.0 * here)
    if here < rate:
        terms = min(math.sqrt(80.0 * rate), _FALL * rate / (rate - here))
    if terms > _MOST_TERMS:
        return _window(rate, flow, low, np.inf)
    total, weighted, waited = _series(rate, here)
    abandons = (total + weighted) / (rate - 1.0) if rate > 1.0 else 0.0
    return total / rate, abandons / rate, waited / rate, -flow * math.expm1(-low) - rate * low


@compiled
def impatient(below: float, x: float, z: float, tau: float, exactly: bool) -> Seven:
    """Erlang A in units of patience.

    Returns the fractions of offered contacts that wait, abandon, are answered within tau, whose virtual wait exceeds tau, that
    abandon within tau, and whose virtual wait does not exceed tau; and the mean wait of the answered in units of patience (NaN if
    nobody is answered). `exactly`: fractions within tau keep their relative accuracy however small they are, at some more cost.
    """
    if below == np.inf or z == 0.0:
        return 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0
    rate = x + 1.0
    total, weighted, waited, peak = _tail(rate, z, 0.0)
    one = math.exp(-peak)
    unit = 1.0 / ((below + 1.0) * one + z * total)  # probability of "all busy, nobody waits", on the scale of the peak
    free = unit * below * one
    waits = unit * (one + z * total)
    abandons = unit * (one + (z - x) * total) if z >= x else unit * x * weighted
    answered = free + unit * x * total
    mean_wait = unit * x * waited / answered if answered > 0.0 else np.nan

    patient = math.exp(-tau)
    after, after_weighted, _, after_peak = _tail(rate, z, tau)
    scale = math.exp(after_peak - peak)
    after *= scale
    beyond = math.exp(-z * math.expm1(-tau) - x * tau - peak)
    late = min(unit * (beyond + z * after), 1.0)
    gone_late = unit * x * after_weighted * scale
    if z * patient >= x:
        gone_late = unit * (patient * beyond + (z * patient - x) * after)
    early, gone, virtual = unit * x * (total - after), max(abandons - gone_late, 0.0), 1.0 - late
    small = early < 1e-4 * unit * x * total and free < 1e-4 * (unit * x * total)
    if exactly:
        small = small or virtual < 1e-3 or gone < 1e-3 * abandons
    if small:  # the difference of two sums has lost its digits
        within, within_weighted, _, within_peak = _window(rate, z, 0.0, tau)
        scale = unit * x * math.exp(within_peak - peak)
        early, gone = scale * within, scale * within_weighted - math.expm1(-tau) * late
        virtual = free + early + scale * within_weighted
    return waits, abandons, free + max(early, 0.0), late, gone, virtual, mean_wait


@compiled
def level(
    definition: int, served: float, late_virtual: float, gone: float, virtual: float, answered: float, patient: float
) -> float:
    """A service level by its definition, from the parts that `impatient` gives."""
    if definition == OF_OFFERED:
        return served
    if definition == OF_ANSWERED:
        return min(served / answered, 1.0) if answered > 0.0 else 0.0
    if definition == EXCLUDING_SHORT_ABANDONS:
        late = late_virtual * patient
        return served / (served + late) if served + late > 0.0 else 0.0
    return served + gone if definition == WAIT_WITHIN else virtual


@compiled
def shape(model: int, load: float, agents: float, concurrency: float, slowdown: float) -> tuple[float, float]:
    """Weight below and capacity (erlangs of one-at-a-time work) of positions that hold up to `concurrency` contacts each."""
    if model == VOICE:
        return weight_below(load, agents) if load > 0.0 else 0.0, agents
    stretched = 1.0 + slowdown * (concurrency - 1.0)
    capacity = agents * concurrency / stretched
    if load == 0.0 or agents == 0.0:
        return 0.0, capacity
    if model == SLOTS:
        return weight_below(load * stretched, agents * concurrency), capacity
    if model == EFFECTIVE_HANDLE_TIME:
        return weight_below(load * stretched / concurrency, agents), capacity
    term, total = 1.0, 0.0
    for held in range(int(concurrency), 0, -1):
        # Between held-1 and held chats each: `more` agents hold one chat more than the others.
        fast = (held - 1.0) / (1.0 + slowdown * (held - 2.0)) if held > 1 else 0.0
        slow = held / (1.0 + slowdown * (held - 1.0))
        for more in range(int(agents), 0, -1):
            term *= ((agents - more) * fast + more * slow) / load
            total += term
        if total == np.inf:
            break
    return total, capacity


@compiled
def measures(below: float, load: float, capacity: float, handle: float, patience: float, within: float, exactly: bool) -> Seven:
    """What `impatient` returns, for any patience up to infinity, the mean wait in seconds (infinite where nobody is caught up).

    `capacity` is the load that the positions can carry: the positions themselves, except for chat.
    """
    if load == 0.0 or below == np.inf:
        return 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0
    if patience == np.inf:
        if capacity <= load:
            return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, np.inf
        margin = capacity - load
        waits = 1.0 / (1.0 + margin / capacity * below)
        early = -math.expm1(-margin * within / handle)
        served = waits * (margin / capacity * below + early)
        return waits, 0.0, served, waits * (1.0 - early), 0.0, served, waits * handle / margin
    waits, abandons, served, late, gone, virtual, wait = impatient(
        below, capacity * patience / handle, load * patience / handle, within / patience, exactly
    )
    return waits, abandons, served, late, gone, virtual, wait * patience


@compiled
def measures_of_rows(
    model: int, load: FloatArray, positions: FloatArray, handle: FloatArray, patience: FloatArray,
    within: FloatArray, concurrency: FloatArray, slowdown: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Fill the rows of `out`, one per interval, with what `measures` returns."""
    for row in range(load.size):
        below, capacity = shape(model, load[row], positions[row], concurrency[row], slowdown[row])
        found = measures(below, load[row], capacity, handle[row], patience[row], within[row], True)
        for column in range(7):
            out[row, column] = found[column]


@compiled
def chat_busy(load: float, agents: float, concurrency: float, slowdown: float, waits: float) -> tuple[float, float]:
    """Mean chats in service and mean agents with at least one chat, load-dependent chain; the fraction `waits` waits."""
    if load == 0.0 or agents == 0.0:
        return 0.0, 0.0
    term, total, chats, busy = 1.0, 1.0, 0.0, 0.0
    for state in range(1, int(agents * concurrency)):
        held = float(state // int(agents))
        more = float(state % int(agents))
        rate = more * (held + 1.0) / (1.0 + slowdown * held)
        if held > 0.0:
            rate += (agents - more) * held / (1.0 + slowdown * (held - 1.0))
        term *= load / rate
        total += term
        chats += term * state
        busy += term * min(float(state), agents)
        if total > 1e250:
            term, total, chats, busy = term * 1e-250, total * 1e-250, chats * 1e-250, busy * 1e-250
    free = (1.0 - waits) / total
    return free * chats + waits * agents * concurrency, free * busy + waits * agents


@compiled
def limited(load: float, positions: float, trunks: float, handle: float, patience: float, within: float) -> Seven:
    """M/M/n/K with or without patience.

    Returns, as fractions of the offered contacts: blocked, waiting, answered within, abandoning, answered; then the mean number
    waiting and the mean wait of the answered in seconds.
    """
    if load == 0.0:
        return 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0
    places = int(trunks - positions)
    impatience = handle / patience  # 0 for infinite patience
    tau = within * impatience / handle
    # Chance that place j is reached within the threshold: at least j+1 of the earlier ones gone, a negative binomial count
    # (Poisson without impatience). Logarithms, because exp(-positions x within / handle) underflows on large groups.
    chance = np.zeros(places + 1)
    rate = positions + impatience
    log_chance = -rate * within / handle
    gone = -math.expm1(-tau) / impatience if impatience > 0.0 else within / handle
    count, so_far = 0.0, 0.0
    for place in range(places):
        chance[place] = math.exp(log_chance)
        so_far += chance[place]
        log_chance += math.log(gone * (rate + count * impatience) / (count + 1.0))
        count += 1.0
    if so_far < 0.5:
        chance[places] = 1.0 - so_far
    else:  # the tail by itself, which can be tiny; it is short, for most of the mass lies before it
        term, ratio = math.exp(log_chance), 1.0
        while term > 0.0 and not (ratio < 1.0 and term < 1e-17 * (1.0 - ratio) * chance[places]):
            chance[places] += term
            ratio = gone * (rate + count * impatience) / (count + 1.0)
            log_chance += math.log(ratio)
            term = math.exp(log_chance)
            count += 1.0
    for place in range(places - 1, -1, -1):
        chance[place] += chance[place + 1]

    below = weight_below(load, positions)
    if below == np.inf:
        return 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0
    term, total, free, waits, early, answered, queue, waited, harmonic = 1.0, below + 1.0, below, 0.0, 0.0, below, 0.0, 0.0, 0.0
    for place in range(places):
        stays = positions / (positions + (place + 1.0) * impatience)
        harmonic += 1.0 / (positions + (place + 1.0) * impatience)
        waits += term
        early += term * stays * chance[place + 1]
        answered += term * stays
        waited += term * stays * harmonic
        term *= load / (positions + (place + 1.0) * impatience)
        queue += term * (place + 1.0)
        total += term
        if total > 1e250:
            small = 1e-250
            term, total, free, waits, early = term * small, total * small, free * small, waits * small, early * small
            answered, queue, waited = answered * small, queue * small, waited * small
    queue /= total
    wait = waited / answered * handle if answered > 0.0 else np.nan
    return term / total, waits / total, (free + early) / total, queue * impatience / load, answered / total, queue, wait


@compiled
def limited_of_rows(
    load: FloatArray, positions: FloatArray, trunks: FloatArray, handle: FloatArray, patience: FloatArray,
    within: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Fill the rows of `out`, one per interval, with what `limited` returns."""
    for row in range(load.size):
        found = limited(load[row], positions[row], trunks[row], handle[row], patience[row], within[row])
        for column in range(7):
            out[row, column] = found[column]


@compiled
def _whole(value: float) -> float:
    """The least whole number not below `value`, forgiving the rounding of a division that should have been even."""
    return math.ceil(value * (1.0 - SLACK))


@compiled
def _meets(found: Four, goal: float, occupancy: float, wait: float, abandonment: float) -> bool:
    """Whether (level, occupancy, mean wait, abandonment) keep the goal and the limits; NaN means no limit."""
    return (
        not found[0] < goal - SLACK
        and not found[1] > occupancy * (1.0 + SLACK)
        and (wait != wait or found[2] <= wait * (1.0 + SLACK))  # where nobody is answered no wait is short enough
        and not found[3] > abandonment * (1.0 + SLACK)
    )


@compiled
def _between(short: Four, enough: Four, goal: float, occupancy: float, wait: float, abandonment: float) -> float:
    """Where between one position fewer (0) and enough positions (1) the goal and limits would be met on a straight line."""
    part = 0.0
    if short[0] < goal - SLACK:
        part = (goal - short[0]) / (enough[0] - short[0])
    if short[1] > occupancy * (1.0 + SLACK):
        part = max(part, (short[1] - occupancy) / (short[1] - enough[1]))
    if wait == wait and not short[2] <= wait * (1.0 + SLACK):
        # By the reciprocal, because a wait can have no end, or nobody to have it.
        slow = 1.0 / short[2] if short[2] == short[2] else 0.0
        part = max(part, (1.0 / wait - slow) / (1.0 / enough[2] - slow))
    if short[3] > abandonment * (1.0 + SLACK):
        part = max(part, (short[3] - abandonment) / (short[3] - enough[3]))
    return min(part, 1.0)


@compiled
def positions_patient(
    load: float, handle: float, within: float, goal: float, occupancy: float, wait: float,
) -> tuple[float, float]:  # fmt: skip
    """Least whole positions by Erlang C, and the same on a straight line between whole numbers."""
    if load == 0.0:
        return 0.0, 0.0
    least = math.floor(load) + 1.0
    need = load
    if occupancy == occupancy:
        need = load / occupancy
        least = max(least, _whole(need))
    positions = least
    speed = within / handle
    if goal == goal:
        # Probability of waiting about exp(-1.2 b - 0.3 b^2) for b = (n - a) / sqrt(a)  (Halfin, Whitt 1981).
        slope = 1.2 + speed * math.sqrt(load)
        beta = (math.sqrt(slope * slope - 1.2 * math.log1p(-goal)) - slope) / 0.6
        positions = max(positions, math.floor(load + beta * math.sqrt(load)) + 1.0)
    below = weight_below(load, positions)
    low_level, low_wait, high_level, high_wait, low, high = 0.0, np.inf, 0.0, 0.0, -1.0, -1.0
    while high < 0.0 or (high > low + 1.0 and high > math.floor(load) + 1.0):
        margin = positions - load
        waits = 1.0 / (1.0 + margin / positions * below)
        level_here = 1.0 - waits * math.exp(-margin * speed)
        wait_here = waits * handle / margin
        if positions < least or level_here < goal - SLACK or wait_here > wait * (1.0 + SLACK):
            low, low_level, low_wait = positions, level_here, wait_here
            positions += 1.0
            below = positions / load * (1.0 + below)
        else:
            high, high_level, high_wait = positions, level_here, wait_here
            below = below * load / positions - 1.0 if below < 1e300 else weight_below(load, positions - 1.0)
            positions -= 1.0
    base = max(high - 1.0, load)  # at the load itself the level is 0 and the wait has no end
    short, enough = (low_level, 0.0, low_wait, 0.0), (high_level, 0.0, high_wait, 0.0)
    return high, max(base + (high - base) * _between(short, enough, goal, np.nan, wait, np.nan), need)


@compiled
def _try(
    model: int, load: float, positions: float, handle: float, patience: float, within: float, definition: int,
    concurrency: float, slowdown: float,
) -> Four:  # fmt: skip
    """(level, occupancy, mean wait of answered, abandonment) that so many positions give."""
    below, capacity = shape(model, load, positions, concurrency, slowdown)
    _, abandons, served, late, gone, virtual, wait = measures(below, load, capacity, handle, patience, within, False)
    found = level(definition, served, late, gone, virtual, 1.0 - abandons, math.exp(-within / patience))
    occupancy = min(load * (1.0 - abandons) / capacity, 1.0) if capacity > 0.0 else 1.0
    return found, occupancy, wait, abandons


@compiled
def _logit(fraction: float) -> float:
    clipped = min(max(fraction, 1e-9), 1.0 - 1e-9)
    return math.log(clipped / (1.0 - clipped))


@compiled
def positions_needed(
    model: int, load: float, handle: float, patience: float, within: float, goal: float, definition: int,
    occupancy: float, wait: float, abandonment: float, concurrency: float, slowdown: float,
) -> tuple[float, float, int]:  # fmt: skip
    """Least whole positions that keep a goal and limits (NaN: none), the same on a straight line, and the trials it took."""
    if load == 0.0:
        return 0.0, 0.0, 0
    if model == VOICE and patience == np.inf:
        whole, fraction = positions_patient(load, handle, within, goal, occupancy, wait)
        return whole, fraction, 1
    each = concurrency / (1.0 + slowdown * (concurrency - 1.0)) if model != VOICE else 1.0
    # First guess: what a crowd with this patience needs, plus a share of the fluctuation.
    crowd = load / each * math.exp(-within / patience)
    spread = math.sqrt(load) / each
    aim, slope = 0.0, 1.7 / max(spread, 0.5)
    if goal == goal:
        aim = _logit(goal)
    positions = max(math.ceil(crowd + 0.6 * aim * spread), 0.0)
    low, high, trials = -1.0, -1.0, 0
    short, enough = (np.nan, np.nan, np.nan, np.nan), (np.nan, np.nan, np.nan, np.nan)
    last, last_logit, stride = -1.0, 0.0, max(math.ceil(spread), 1.0)
    while high < 0.0 or high > low + 1.0:
        found = _try(model, load, positions, handle, patience, within, definition, concurrency, slowdown)
        trials += 1
        kept = _meets(found, goal, occupancy, wait, abandonment)
        if kept:
            high, enough = positions, found
        else:
            low, short = positions, found
        inside = 1e-7 < found[0] < 1.0 - 1e-7
        if goal == goal and trials < 8 and inside and kept == (not found[0] < goal - SLACK):
            here = _logit(found[0])
            if last >= 0.0 and (here - last_logit) * (positions - last) > 0.0:
                slope = (here - last_logit) / (positions - last)
            last, last_logit = positions, here
            target = float(math.ceil(positions + (aim - here) / slope))
            target = min(target, positions - 1.0) if kept else max(target, positions + 1.0)
        elif high >= 0.0 and low >= 0.0:
            target = float(math.floor(0.5 * (low + high)))
        else:
            target = positions - stride if kept else positions + stride
            stride *= 2.0
        if high >= 0.0:
            target = min(target, high - 1.0)
        positions = max(target, low + 1.0)
    if high == 0.0:
        return 0.0, 0.0, trials
    return high, low + _between(short, enough, goal, occupancy, wait, abandonment), trials


@compiled
def positions_of_rows(
    model: int, load: FloatArray, handle: FloatArray, patience: FloatArray, within: FloatArray, goal: FloatArray,
    definition: int, occupancy: FloatArray, wait: FloatArray, abandonment: FloatArray, concurrency: FloatArray,
    slowdown: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Fill the rows of `out`, one per interval, with what `positions_needed` returns."""
    for row in range(load.size):
        found = positions_needed(
            model, load[row], handle[row], patience[row], within[row], goal[row], definition,
            occupancy[row], wait[row], abandonment[row], concurrency[row], slowdown[row],
        )  # fmt: skip
        out[row, 0], out[row, 1], out[row, 2] = found[0], found[1], found[2]


@compiled
def largest_loads_of_rows(
    model: int, positions: FloatArray, handle: FloatArray, patience: FloatArray, within: FloatArray,
    goal: FloatArray, definition: int, occupancy: FloatArray, wait: FloatArray, abandonment: FloatArray,
    concurrency: FloatArray, slowdown: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Fill `out` with the largest load at which so many positions still keep the goal and limits, to 1e-10 relative."""
    for row in range(positions.size):
        if positions[row] <= 0.0:
            out[row] = 0.0
            continue
        low, high, bounded = 0.0, positions[row], False
        while high - low > 1e-10 * high and 1e-12 < high < 1e12:
            load = 0.5 * (low + high) if bounded else high
            found = _try(
                model, load, positions[row], handle[row], patience[row], within[row], definition, concurrency[row], slowdown[row]
            )
            if not _meets(found, goal[row], occupancy[row], wait[row], abandonment[row]):
                high, bounded = load, True
            elif bounded:
                low = load
            else:
                low, high = high, high * 2.0
        out[row] = low
