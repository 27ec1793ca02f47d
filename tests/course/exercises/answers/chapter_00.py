"""Other right answers to the exercises of chapter 00."""


def read_by_loop(weights, src):
    words = []
    for row in weights.tolist():
        words.append(src[row.index(max(row))])
    return words


RIGHT = {
    "00-read": [read_by_loop, lambda weights, src: tuple(src[i] for i in weights.max(1).indices.tolist())],
}
LIBRARY = {}
