"""Other right answers to the exercises of chapter 07."""

import torch


def gradient_by_backward(loss_of, states):
    leaf = torch.tensor(states.tolist(), requires_grad=True)
    loss_of(leaf).backward()
    return leaf.grad.norm(dim=2)


def gradient_by_loop(loss_of, states):
    leaf = states.detach().double().requires_grad_()
    (grad,) = torch.autograd.grad(loss_of(leaf), leaf)
    return torch.tensor([[sum(float(number) ** 2 for number in word) ** 0.5 for word in sentence] for sentence in grad])


def gradient_by_jacobian(loss_of, states):
    return torch.autograd.functional.jacobian(loss_of, states.detach()).square().sum(-1).sqrt()


def gradient_of_a_shift(loss_of, states):
    shift = torch.zeros_like(states, requires_grad=True)
    return torch.autograd.grad(loss_of(states + shift), shift)[0].norm(dim=2)


def drops_restored(score, src, unk):
    full, hidden, drops = score(src), list(src), []
    for s, word in enumerate(src):
        hidden[s] = unk
        drops.append(full - score(hidden))
        hidden[s] = word
    return torch.tensor(drops)


def drops_restored_in_src(score, src, unk):
    full, drops = score(src), torch.zeros(len(src), dtype=torch.float64)
    for s, word in enumerate(src):
        src[s] = unk
        drops[s] = full - score(src)
        src[s] = word
    return drops


def drops_by_enumeration(score, src, unk):
    variants = [[unk if at == s else word for at, word in enumerate(src)] for s in range(len(src))]
    return score(src) - torch.tensor([score(variant) for variant in variants])


def drops_on_a_tensor(score, src, unk):
    variants = torch.tensor(src).repeat(len(src), 1).fill_diagonal_(unk)
    return torch.stack([torch.tensor(score(src) - score(variant.tolist())) for variant in variants]).half()


RIGHT = {
    "07-gradient": [
        gradient_by_backward,
        gradient_by_loop,
        gradient_by_jacobian,
        gradient_of_a_shift,
        lambda loss_of, states: gradient_by_backward(loss_of, states).half(),
    ],
    "07-occlusion": [drops_restored, drops_restored_in_src, drops_by_enumeration, drops_on_a_tensor],
}

LIBRARY: dict = {}
