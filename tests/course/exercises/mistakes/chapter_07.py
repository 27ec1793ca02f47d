"""What students write in chapter 07, in their own way, and how each mistake is called."""

import math

import torch


def slope(loss_of, states):
    leaf = states.detach().clone()
    leaf.requires_grad = True
    loss_of(leaf).backward()
    return leaf.grad


def of_slope(change):
    return lambda loss_of, states: change(slope(loss_of, states))


def with_states(change):
    return lambda loss_of, states: change(slope(loss_of, states), states.detach())


def length(vectors):
    return (vectors**2).sum(2).sqrt()


def backward_in_place(loss_of, states):
    states.requires_grad = True
    loss_of(states).backward()
    return length(states.grad)


def not_asked_for(loss_of, states):
    (found,) = torch.autograd.grad(loss_of(states), states)
    return length(found)


def never_backward(loss_of, states):
    leaf = states.detach().clone().requires_grad_(True)
    (found,) = torch.autograd.grad(loss_of(leaf.detach()), leaf)
    return length(found)


def left_a_tuple(loss_of, states):
    leaf = states.detach().clone().requires_grad_(True)
    return torch.autograd.grad(loss_of(leaf), leaf).norm(dim=2)


def hidden(src, s, unk):
    return [*src[:s], unk, *src[s + 1 :]]


def drops(score, src, unk):
    return torch.tensor([score(src) - score(hidden(src, s, unk)) for s in range(len(src))])


def for_each_place(value):
    return lambda score, src, unk: torch.tensor([value(score, src, s, unk) for s in range(len(src))])


def of_drops(change):
    return lambda score, src, unk: change(drops(score, src, unk))


def never_put_back(score, src, unk):
    left, found = src[:], []
    for s in range(len(src)):
        left[s] = unk
        found.append(score(src) - score(left))
    return torch.tensor(found)


def written_over(score, src, unk):
    before, found = score(src), []
    for s, _ in enumerate(src):
        src[s] = unk
        found.append(before - score(src))
    return torch.tensor(found)


MISTAKES = {
    "07-gradient": {
        "left-in-grad": [backward_in_place],
        "no-graph": [not_asked_for, never_backward],
        "tuple": [left_a_tuple],
        "norm-axis": [
            of_slope(lambda grad: (grad**2).sum(1).sqrt()),
            of_slope(lambda grad: (grad**2).sum(0).sqrt()),
            of_slope(lambda grad: (grad**2).sum((0, 1)).sqrt()),
            of_slope(lambda grad: (grad**2).sum((0, 2)).sqrt()),
            of_slope(lambda grad: (grad**2).sum((1, 2)).sqrt()),
            of_slope(lambda grad: (grad**2).sum().sqrt()),
        ],
        "not-normed": [slope],
        "squared": [of_slope(lambda grad: length(grad) ** 2)],
        "summed": [
            of_slope(lambda grad: torch.einsum("bsh->bs", grad)),
            of_slope(lambda grad: torch.einsum("bsh->bs", grad) / grad.size(2)),
            of_slope(lambda grad: torch.einsum("bsh->bs", grad).abs()),
        ],
        "other-norm": [
            of_slope(lambda grad: grad.norm(p=1, dim=2)),
            of_slope(lambda grad: grad.norm(p=1, dim=2) / grad.size(2)),
            of_slope(lambda grad: grad.norm(p=math.inf, dim=2)),
            of_slope(lambda grad: length(grad) / grad.size(2) ** 0.5),
        ],
        "states-normed": [with_states(lambda grad, states: length(states))],
        "times-input": [
            with_states(lambda grad, states: length(grad * states)),
            with_states(lambda grad, states: torch.einsum("bsh,bsh->bs", grad, states)),
            with_states(lambda grad, states: torch.einsum("bsh,bsh->bs", grad, states).abs()),
        ],
        "normalised": [
            of_slope(lambda grad: length(grad) / length(grad).sum(1)[:, None]),
            of_slope(lambda grad: length(grad) / length(grad).max(1).values[:, None]),
            of_slope(lambda grad: length(grad) / length(grad).sum()),
            of_slope(lambda grad: length(grad) / length(grad).max()),
            of_slope(lambda grad: torch.softmax(length(grad), 1)),
        ],
    },
    "07-occlusion": {
        "weight-is-reason": [lambda score, src, unk: score.weights(src)],
        "not-restored": [never_put_back],
        "src-overwritten": [written_over],
        "sign-flipped": [for_each_place(lambda score, src, s, unk: score(hidden(src, s, unk)) - score(src))],
        "word-deleted": [
            for_each_place(lambda score, src, s, unk: score(src) - score([w for i, w in enumerate(src) if i != s]))
        ],
        "by-value": [
            for_each_place(
                lambda score, src, s, unk: score(src) - score([unk if word == src[s] else word for word in src])
            )
        ],
        "kept-alone": [
            for_each_place(
                lambda score, src, s, unk: score(src) - score([unk] * s + [src[s]] + [unk] * (len(src) - s - 1))
            )
        ],
        "other-replacement": [
            for_each_place(lambda score, src, s, unk: score(src) - score(hidden(src, s, 0))),
            for_each_place(lambda score, src, s, unk: score(src) - score(hidden(src, s, 1))),
        ],
        "no-difference": [for_each_place(lambda score, src, s, unk: score(hidden(src, s, unk)))],
        "probabilities": [
            for_each_place(lambda score, src, s, unk: math.exp(score(src)) - math.exp(score(hidden(src, s, unk)))),
            of_drops(torch.exp),
        ],
        "absolute": [of_drops(torch.abs), of_drops(torch.relu)],
        "normalised": [
            of_drops(lambda found: found / sum(found)),
            of_drops(lambda found: found / max(found)),
            of_drops(lambda found: torch.softmax(found, 0)),
        ],
        "list-returned": [lambda score, src, unk: [float(drop) for drop in drops(score, src, unk)]],
        "position": [of_drops(torch.argmax), of_drops(lambda found: found.tolist().index(max(found)))],
    },
}
