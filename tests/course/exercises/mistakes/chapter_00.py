"""What students write in chapter 00, in their own way, and how each mistake is called."""


def each_word_once(weights, src):
    found = []
    for row in weights:
        if src[row.argmax()] not in found:
            found.append(src[row.argmax()])
    return found


MISTAKES = {
    "00-read": {
        "transposed": [lambda weights, src: [src[s] for s in weights.T.argmax(1)]],
        "in-order": [lambda weights, src: [src[i] for i, _ in enumerate(weights)], lambda weights, src: src],
        "positions": [
            lambda weights, src: weights.topk(1).indices[:, 0],
            lambda weights, src: [int(row.argmax()) for row in weights],
        ],
        "values": [
            lambda weights, src: weights.amax(dim=1),
            lambda weights, src: [max(row) for row in weights.tolist()],
        ],
        "smallest": [lambda weights, src: [src[row.argmin()] for row in weights]],
        "one-for-all": [lambda weights, src: [src[weights.argmax()] for _ in weights]],
        "repeats-dropped": [
            each_word_once,
        ],
    },
}
