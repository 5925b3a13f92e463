"""What Annif is tuned with: weights of sources, limits and thresholds that suit it best."""

import numpy as np

DRAWS = 1500
LIMITS = (1, 2, 3, 4, 5)
THRESHOLDS = tuple(step / 50 for step in range(50))


def discounted(truth, scores, depth=5):
    """nDCG of the papers that have a label."""
    truth, scores = truth[truth.any(axis=1)], scores[truth.any(axis=1)]
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    ideal = np.cumsum(discounts)[np.minimum(truth.sum(axis=1), depth) - 1]
    found = (np.take_along_axis(truth, ranked, axis=1) * discounts).sum(axis=1)
    return float((found / ideal).mean())


def picked(scores, limit, threshold):
    """What Annif suggests: at most so many a paper, each with at least that score."""
    rank = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return (rank < limit) & (scores >= threshold) & (scores > 0)


def f1(truth, chosen, axis=None):
    hits = (truth & chosen).sum(axis=axis)
    return 2 * hits / np.maximum(truth.sum(axis=axis) + chosen.sum(axis=axis), 1)


def best_cuts(truth, scores):
    """Limit and threshold where the micro average of F1 is best, and where the macro one is."""
    found = []
    for limit in LIMITS:
        for threshold in THRESHOLDS:
            chosen = picked(scores, limit, threshold)
            macro = f1(truth, chosen, axis=0)[truth.any(axis=0)].mean()
            found.append((float(f1(truth, chosen)), float(macro), limit, threshold))
    micro = max(found, key=lambda one: one[0])
    macro = max(found, key=lambda one: one[1])
    return {"micro": micro[2:], "macro": macro[2:]}


def best_weights(truth, scores, names):
    """Weights of the sources by random search for nDCG@5, from even and single ones on."""
    chance = np.random.default_rng(0)
    stacked = np.stack([scores[name] for name in names])
    tried = [np.ones(len(names)), *np.eye(len(names))]
    tried += list(chance.dirichlet(np.full(len(names), 0.6), DRAWS))
    worth = [discounted(truth, np.tensordot(one, stacked, 1)) for one in tried]
    best = tried[int(np.argmax(worth))]
    for _ in range(DRAWS // 5):  # and on from the best of them
        near = np.clip(best + chance.normal(0, 0.05, len(names)), 0, None)
        value = discounted(truth, np.tensordot(near, stacked, 1))
        if value > max(worth):
            best = near
        worth.append(value)
    best = best / best.sum()
    return {name: float(weight) for name, weight in zip(names, best, strict=True)}
