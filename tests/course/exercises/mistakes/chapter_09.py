"""What students write in chapter 09, in their own way, and how each mistake is called."""


def copied(place):
    """Copy the source word at `place(weights, t)` for each unknown word."""

    def answer(tokens, weights, src):
        done = []
        for t, token in enumerate(tokens):
            done.append(src[place(weights, t)] if token == "<unk>" else token)
        return done

    return answer


right = copied(lambda weights, t: weights.argmax(1)[t])


def first_only(tokens, weights, src):
    done, best = list(tokens), weights.argmax(1)
    done[tokens.index("<unk>")] = src[best[tokens.index("<unk>")]]
    return done


def first_for_all(tokens, weights, src):
    word = src[weights.argmax(1)[tokens.index("<unk>")]]
    return [word if token == "<unk>" else token for token in tokens]


def written_over(tokens, weights, src):
    for t, best in enumerate(weights.argmax(1).tolist()):
        if tokens[t] == "<unk>":
            tokens[t] = src[best]
    return tokens


def numbered_through(tokens, weights, src):
    done, number = [], 0
    for token in tokens:
        done.append(src[number] if token == "<unk>" else token)
        number += token == "<unk>"
    return done


def replaced_if(unknown):
    return lambda tokens, weights, src: [
        src[best] if unknown(token) else token for token, best in zip(tokens, weights.argmax(1), strict=True)
    ]


MISTAKES = {
    "09-unk": {
        "transposed": [copied(lambda weights, t: weights.T[t].argmax())],
        "same-place": [copied(lambda weights, t: t)],
        "in-order": [numbered_through],
        "one-for-all": [
            copied(lambda weights, t: (weights == weights.max()).nonzero()[0, 1]),
            copied(lambda weights, t: weights.mean(0).argmax()),
        ],
        "first-only": [first_only],
        "first-for-all": [first_for_all],
        "row-shifted": [
            copied(lambda weights, t: weights.roll(1, dims=0)[t].argmax()),
            copied(lambda weights, t: weights.argmax(1)[t + 1]),
            copied(lambda weights, t: weights[t : t + 2][-1].argmax()),
        ],
        "smallest": [copied(lambda weights, t: weights.argmin(1)[t])],
        "all-replaced": [
            replaced_if(lambda token: True),
            replaced_if(lambda token: token not in ("<eos>", "<pad>")),
        ],
        "none-replaced": [lambda tokens, weights, src: tokens[:]],
        "known-replaced": [replaced_if(lambda token: token != "<unk>")],
        "unk-dropped": [lambda tokens, weights, src: list(filter(lambda token: token != "<unk>", tokens))],
        "positions": [
            lambda tokens, weights, src: [
                best if token == "<unk>" else token
                for token, best in zip(tokens, weights.argmax(1).tolist(), strict=True)
            ],
            lambda tokens, weights, src: [
                best if token == "<unk>" else token for token, best in zip(tokens, weights.argmax(1), strict=True)
            ],
        ],
        "end-cut": [
            lambda *given: [token for token in right(*given) if token[:5] not in ("<eos>", "<pad>")],
            lambda *given: [token for token in right(*given) if token[:5] != "<pad>"],
        ],
        "lower-cased": [
            lambda *given: [token.casefold() for token in right(*given)],
            lambda tokens, weights, src: right(tokens, weights, [word.casefold() for word in src]),
        ],
        "joined": [lambda *given: " ".join(right(*given))],
        "in-place": [written_over],
    },
}
