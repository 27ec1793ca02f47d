# %% [markdown]
# # 02 Encoder
#
# **What does the encoder remember?** What its gates let through: a state that is updated at each word, from the left and from the right.
#
# After this chapter you can
# - **compute** a step of a GRU by hand, and **check** it against `nn.GRU`,
# - **tell** which slice of `h_n` is which layer and which direction,
# - **pack** a padded batch so that no pad is ever read, and **measure** what happens otherwise,
# - **build** the decoder's first state from the encoder's last ones.
#
# About 55 minutes. Comes after 01, where sentences became tensors of numbers.
#
# ```
#   numbers   (B, S)          5          1          11         0
#                             │          │          │          │
#   vectors   (B, S, E)     ┌─▼─┐      ┌─▼─┐      ┌─▼─┐     a pad:
#                           │ e │      │ e │      │ e │     not read
#                           └─┬─┘      └─┬─┘      └─┬─┘
#   forward   (B, S, H)       ●────────► ●────────► ●────► h_n[-2] ┐
#                             │          │          │              ├─► bridge ─► decoder
#   backward  (B, S, H)  ┌─── ● ◄────────● ◄────────●              │
#                        └───────────────────────────────► h_n[-1] ┘
# ```

# %% [markdown]
# ## Setup

# %%
import pandas
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s_lib import PAD, UNK, Encoder, Translator, Vocab
from s2s_lib import build_model, corpora, greedy, plots, tokenize
from s2s_lib.course import check, hint, predict, progress, reveal, show_source

# %% [markdown]
# ## The problem
#
# The decoder will need vectors, and chapter 01 ended with the numbers of words. The shortest way from there to one vector for a sentence: keep a table with a vector for each token, look the words up, and add. The
# table is `nn.Embedding`; here it is filled with the numbers from 0 to 15, so that one sees what comes out.

# %%
vocab = Vocab.build([tokenize("the dog bites the man")])
embedding = nn.Embedding.from_pretrained(torch.arange(16.0).view(8, 2))  # V = 8, E = 2
for text in ("the dog bites the man", "the man bites the dog"):
    ids = torch.tensor(vocab.encode(tokenize(text)))  # (S,)
    vectors = embedding(ids)  # (S, E)
    print(ids.tolist(), vectors.tolist(), "sum", vectors.sum(dim=0).tolist())

# %% [markdown]
# Each number picked its row of the table: 4 gave `[8, 9]`. But the two sums are equal. A sum has no order, and who bites whom is nothing but order. What is needed reads one word after
# the other, and lets what it has read so far decide what the next word does to it.

# %% [markdown]
# ## One step of a GRU
#
# A *recurrent* network keeps a state $h$ of size H. At each word it makes a new state of the old one and of the word's vector $x$. The gated recurrent unit (Cho et al. 2014, section 2.3) makes a
# candidate $n$, and lets a gate $z$ decide, for each component, how much of the old state stays:
#
# $$r = \sigma(W_{ir} x + W_{hr} h) \qquad z = \sigma(W_{iz} x + W_{hz} h)$$
#
# $$n = \tanh(W_{in} x + r \odot W_{hn} h) \qquad h' = (1 - z) \odot n + z \odot h$$
#
# $\sigma$ squeezes into 0..1, $\odot$ multiplies component by component. The reset gate $r$ says how much of the old state the candidate gets to see. (In the paper $r$ acts on $h$ before the matrix;
# this is PyTorch's form, which also adds a bias in each product.) By hand, with H = E = 2, the three matrices stacked in the order r, z, n:

# %%
W_i = torch.tensor([[0.0, 2.0], [0.0, 2.0], [2.0, 0.0], [-2.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
W_h = torch.tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
x, h = torch.tensor([1.0, 0.0]), torch.tensor([0.5, -0.5])
x_r, x_z, x_n = (W_i @ x).chunk(3)
from_r, from_z, from_n = (W_h @ h).chunk(3)
r = (x_r + from_r).sigmoid()
z = (x_z + from_z).sigmoid()
n = (x_n + r * from_n).tanh()
new = (1 - z) * n + z * h
for name, vector in {"r": r, "z": z, "n": n, "new state": new}.items():
    print(name, [round(number, 2) for number in vector.tolist()])

# %% [markdown]
# In the first component $z$ is 0.88: it keeps nearly all of the old 0.5. In the second $z$ is 0.12: it takes most of the candidate 0.24. So one and the same step remembers in one place and
# overwrites in another, and the word itself, through $W_{iz}$, has decided where. Does `nn.GRU` do the same with these matrices?

# %%
gru = nn.GRU(2, 2, bias=False, batch_first=True)
gru.load_state_dict({"weight_ih_l0": W_i, "weight_hh_l0": W_h})
with torch.no_grad():
    states, last = gru(x.view(1, 1, 2), h.view(1, 1, 2))  # one sentence of one word
print([round(number, 2) for number in last.flatten().tolist()])
print("as by hand:", torch.allclose(last.flatten(), new))

# %% [markdown]
# ## A whole sentence, two layers, two directions
#
# `nn.GRU` takes the steps for all words and returns two things: `states`, the state after each word, and `h_n`, the last one. Two options change their shapes.
#
# - `bidirectional=True` adds a second GRU that reads from the last word to the first (Bahdanau et al. 2015, section 3.2). The two states of a word lie side by side, forward first: `(B, S, 2H)`.
# - `num_layers=2` puts a second pair on top, which reads the states of the first. `states` are those of the top layer only; `h_n` has a row for each layer and direction.
#
# ### Predict, then run
#
# With two layers and two directions `h_n` is `(4, B, H)`. What are its last two rows, `h_n[-2]` and `h_n[-1]`?
#
# - **a** layer one and layer two of the forward direction
# - **b** layer one and layer two of the backward direction
# - **c** the forward and the backward direction of layer two
#
# <details><summary>Why each one tempts</summary>
#
# **a**: -2 and -1 look like "the last two layers". **b**: first both layers forward, then both backward, would be one way to order them. **c**: layer by layer would be another.
#
# </details>

# %%
predict("02-rows", answer=None)

# %% [markdown]
# To find out, give each of the four a label: set all weights to 0 and the biases so that the gate $z$ is 0 and the candidate is a fixed number. Then a state says where it is from.

# %%
labels = {"l0": 0.1, "l0_reverse": 0.2, "l1": 0.3, "l1_reverse": 0.4}  # layer one is l0
labelled = nn.GRU(3, 1, num_layers=2, bidirectional=True, batch_first=True)
with torch.no_grad():
    for parameter in labelled.parameters():
        parameter.zero_()
    for suffix, label in labels.items():
        bias = torch.tensor([0.0, -20.0, label])  # of r, z and n
        bias[2] = bias[2].atanh()  # so that n = tanh(bias) is the label
        getattr(labelled, f"bias_ih_{suffix}").copy_(bias)
    states, h_n = labelled(torch.zeros(1, 5, 3))
print("h_n   ", [round(row.item(), 2) for row in h_n])
print("states", [round(number, 2) for number in states[0, 0].tolist()])
reveal("02-rows")

# %% [markdown]
# Read `h_n` as layer one forward, backward, layer two forward, backward. So `h_n[-2]` and `h_n[-1]` are the **two directions of the top layer**. (Code that takes `h_n[:2]` for "the forward states", or
# `h_n[-1]` for the whole top layer, runs without an error.)
#
# The directions also end at different words. A GRU with random weights, five words:

# %%
torch.manual_seed(0)
gru = nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True)
with torch.no_grad():
    states, h_n = gru(torch.rand(1, 5, 3))
forward, backward = states.chunk(2, dim=2)  # (B, S, H) each
print("h_n[-2] is forward at the last word:  ", torch.allclose(h_n[-2], forward[:, -1]))
print("h_n[-1] is backward at the first word:", torch.allclose(h_n[-1], backward[:, 0]))
print("h_n[-1] is backward at the last word: ", torch.allclose(h_n[-1], backward[:, -1]))

# %% [markdown]
# The backward direction has read everything when it arrives at the first word. At the last word, where it begins, it has read one word. So `states[:, -1]` is no summary of a sentence: half of it knows a single word.
#
# ## What is left of a word?
#
# Now the question of this chapter. Take sentences of twelve words, replace the first word by `<unk>`, then the second, and so on, and measure how far the last state moves. A word that moves it far is remembered.

# %%
_, valid, test = corpora.french()
vanilla, general = Translator.load("french-none"), Translator.load("french-general")
pairs = [pair for pair in valid + test if len(pair.src) == 12]
src = torch.tensor([vanilla.encode(pair.src, pair.trg)[0] for pair in pairs])  # (B, 12)


@torch.no_grad()
def moved(encoder):
    """Measure how far h_n moves, as a share of its length, if word k is replaced: (S, 2)."""
    whole, rows = encoder.rnn(encoder.embedding(src))[1], []  # (2, B, H): two directions
    for k in range(src.shape[1]):
        edited = src.index_fill(1, torch.tensor([k]), UNK)
        change = encoder.rnn(encoder.embedding(edited))[1] - whole
        rows.append(change.norm(dim=2).mean(dim=1) / whole.norm(dim=2).mean(dim=1))
    return torch.stack(rows)


# %% [markdown]
# ### Predict, then run
#
# `french-none` is a trained translator without attention: its decoder gets the last states and nothing else. Which words move the last *forward* state most?
#
# - **a** the last ones, which it has just read
# - **b** some in the first half of the sentence
# - **c** all about equally
#
# <details><summary>Why each one tempts</summary>
#
# **a**: each step overwrites a part of the state, and the first words have been overwritten most often. **b**: gates can keep what they want to keep. **c**: a good translation needs every word.
#
# </details>

# %%
predict("02-memory", answer=None)

# %% figure="How far each of 12 words moves the last state, for three encoders. Forward: untrained and with attention mostly the last words; without attention most of all words two to four."
sizes = len(vanilla.src_vocab), len(vanilla.trg_vocab)
small = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1}  # as the trained ones
untrained = build_model(*sizes, attention=None, **small)
encoders = {"untrained": untrained, "no attention": vanilla.model, "attention": general.model}
rows = []
for name, model in encoders.items():
    rows += [(name, k, *two) for k, two in enumerate(moved(model.encoder).tolist(), 1)]
table = pandas.DataFrame(rows, columns=["encoder", "word", "forward", "backward"])
figure = plots.Picture(figsize=(9, 3.4), layout="constrained")
for ax, direction in zip(figure.subplots(1, 2), ("forward", "backward"), strict=True):
    plots.curves(table, "word", direction, ax, hue="encoder")
    ax.set(title=direction, xlabel="word replaced", ylabel="last state moves by", ylim=(0, 1))
reveal("02-memory")
figure

# %% [markdown]
# At the left, the untrained GRU remembers the last four words and hardly anything before. The encoder trained with attention leans the same way. But without attention the forward state depends most on words two
# to four, long before its last step. The backward state, at the right, reads the other way round and ends at word one: it favours what it read last, in all three, and without attention it still depends on all twelve.
#
# "A recurrent network forgets what is long ago" holds for the untrained one. What a trained one keeps is learned. (The picture shows one model each, on 39 sentences. In three more translators without attention, trained from other seeds on the
# small edition of the corpus, the fourth or fifth of twelve words moves the forward state most after four times through the sentences; after eight, the last one has overtaken it in one of them. In the three shipped French translators with
# attention it is the last.) That much is kept does not mean that it is enough. Chapter 03 measures that.
#
# ## Pads, and how not to read them
#
# A batch is padded, and to `nn.GRU` a pad is a word like any other. What does that do to a translator that has never read one? Here every position is given out as a word, as if there were no mask:


# %%
def with_pads(translator, ids, pads):
    """Translate sentences of one length with pads behind them that the encoder reads."""
    padded = torch.cat([ids, ids.new_full((len(ids), pads), PAD)], dim=1)
    tokens, _ = greedy(translator.model, padded, torch.ones_like(padded, dtype=torch.bool))
    return [" ".join(translator.trg_vocab.decode(row)) for row in tokens]


ids, _ = vanilla.encode("Ils peuvent le voir maintenant", "")
for pads in (0, 1, 3):
    print(pads, "pads:", *with_pads(vanilla, torch.tensor([ids]), pads))
for name, translator in (("without attention", vanilla), ("with attention", general)):
    both = zip(with_pads(translator, src, 0), with_pads(translator, src, 3), strict=True)
    share = sum(alone != padded for alone, padded in both) / len(src)
    many = "more" if share > 0.5 else "fewer"
    print(f"{name}, three pads change {many} than half of the translations")

# %% [markdown]
# Three pads turn *now* into *because several little boys invited them*. There is no error and no warning, and a sentence's translation depends on who shares its batch. When this was built, 36 of the 39 sentences of twelve words changed. With attention
# one did: this decoder can look at the states of the words themselves, so the fault may stay unseen for long. Encoders in several well-known tutorials do read their pads.
#
# ### Predict, then run
#
# Three pads stand *behind* a sentence and are read. Which states at the twelve real words change?
#
# - **a** none: the pads come after all of them
# - **b** those of the backward direction
# - **c** those of both directions
#
# <details><summary>Why each one tempts</summary>
#
# **a**: the pads are behind. **b**: behind for whom? **c**: the translation did change.
#
# </details>

# %%
predict("02-pads", answer=None)

# %% figure="How far each state at 12 real words moves when three pads behind them are read: the forward states not at all, the backward states all, the last word's most."
rnn, embed = vanilla.model.encoder.rnn, vanilla.model.encoder.embedding
with torch.no_grad():
    alone, _ = rnn(embed(src))
    padded, _ = rnn(embed(torch.cat([src, src.new_full((len(src), 3), PAD)], dim=1)))
change = (padded[:, :12] - alone).unflatten(2, (2, -1)).norm(dim=3)  # (B, S, 2)
size = alone.unflatten(2, (2, -1)).norm(dim=3)
share = change.mean(dim=0) / size.mean(dim=0)  # (S, 2)
table = pandas.DataFrame(share, columns=["forward", "backward"], index=range(1, 13))
table = table.rename_axis("word").reset_index().melt("word", var_name="direction")
ax = plots.curves(table, "word", "value", hue="direction")
ax.set(xlabel="word", ylabel="state moves by", ylim=(-0.02, 1))
reveal("02-pads")
ax.figure

# %% [markdown]
# The forward states stay where they are. Every backward state is off, by 88 % of its length at the last word, which comes right after the pads in its order of reading, and still by more than a quarter at the first, where `h_n[-1]` is taken.
# `h_n[-2]` is off as well, since it is now the forward state after the pads.
#
# ### Packing
#
# The cure is to tell the GRU where each sentence ends. `pack_padded_sequence` takes the lengths and lays the real words out by position, longest sentence first. Two sentences of lengths 2 and 3:

# %%
vectors = torch.tensor([[[1.0], [2.0], [0.0]], [[3.0], [4.0], [5.0]]])  # (B, S, E) = (2, 3, 1)
lengths = torch.tensor([2, 3])
packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
print(packed.data.flatten().tolist(), packed.batch_sizes.tolist())

# %% [markdown]
# First the words at position 0 of both sentences, 3 and 1, then those at position 1, then the one sentence that still goes on: batches of 2, 2 and 1. The 0 of the pad is gone. The GRU takes such a sequence in place of a tensor and
# runs each direction over the real words only. Three things to know:
#
# - `enforce_sorted=False` allows any order of lengths; PyTorch sorts, and puts states and `h_n` back into your order.
# - `pad_packed_sequence(outputs, batch_first=True, total_length=S)` makes a rectangle of the states again, with zeros at the pads. Without `total_length` it is as wide as the longest sentence, and if the batch was wider, the mask no longer fits.
# - It returns two things, the states and the lengths.
#
# ### Exercise 02-encode
#
# Write `my_encode(embedding, gru, src, mask)`. `embedding` is an `nn.Embedding`, `gru` an `nn.GRU` with `batch_first=True`, of any number of layers, in one direction or two (D = 1 or 2). `src` is `(B, S)`, the ids, in any order of
# lengths; `mask` is `(B, S)`, True at real tokens; these stand at the left, and each sentence has one or more. S may be larger than the longest sentence. Return two things:
#
# - `states`, `(B, S, DH)`: the states of the top layer, zeros at pads, the directions side by side as the GRU gives them,
# - `h_n`, `(LD, B, H)`: the last state of every layer and direction, after the last *real* word.
#
# Sentence b has row b of `src` in both. With two sentences of lengths 2 and 3, S = 5, and one layer of two directions with H = 4, `states` is `(2, 5, 8)` with zeros in `states[0, 2:]` and `states[1, 3:]`, and `h_n` is `(2, 2, 4)`.
#
# *Difficulty 2 of 3, 15 minutes, 3 points.*
#
# <details><summary>First hint</summary>
#
# What has to stand between the embeddings and the GRU so that it stops at the end of each sentence, and which number of each sentence does that need?
#
# </details>


# %% exercise="02-encode"
def my_encode(embedding, gru, src, mask):
    """Read a padded batch (B, S): states (B, S, DH), zeros at pads, and h_n (LD, B, H)."""
    ### BEGIN SOLUTION
    embedded = embedding(src)  # (B, S, E)
    lengths = mask.sum(dim=1)  # (B,)
    packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
    outputs, h_n = gru(packed)
    states, _ = pad_packed_sequence(outputs, batch_first=True, total_length=src.shape[1])
    return states, h_n  # (B, S, DH), (LD, B, H)
    ### END SOLUTION


# %% check="02-encode"
check("02-encode", my_encode)

# %% [markdown]
# ### In the library: `Encoder.forward`

# %%
show_source(Encoder.forward, after="02-encode")

# %% [markdown]
# ## From two directions to one
#
# The encoder has 2H numbers per word, and the decoder's state has H. The library joins the two in two places, in two ways. The states of the words are *summed*, so that attention (chapter 04) compares vectors of one size:
#
# $$\bar h_s = \overrightarrow{h}_s + \overleftarrow{h}_s$$
#
# The decoder's first state is made by a *bridge*, a linear layer that sees both last states and learns what to take of each:
#
# $$h_0 = W_b\,[\overrightarrow{h}_S; \overleftarrow{h}_1] + b$$
#
# With the labelled GRU, whose top layer gives 0.3 and 0.4, and a bridge set by hand:

# %%
with torch.no_grad():
    states, h_n = labelled(torch.zeros(1, 5, 3))  # (1, 5, 2), (4, 1, 1)
    summed = states.unflatten(2, (2, -1)).sum(dim=2)  # (B, S, H)
    bridge = nn.Linear(2, 1, bias=False)
    bridge.weight.copy_(torch.tensor([[1.0, 10.0]]))
    first = bridge(torch.cat([h_n[-2], h_n[-1]], dim=1))  # (B, H)
print(round(summed[0, 0].item(), 2), round(first.item(), 2))

# %% [markdown]
# $0.3 + 0.4$ for each word, and $1 \cdot 0.3 + 10 \cdot 0.4 = 4.3$ for the decoder's start.
#
# ### Exercise 02-bridge
#
# Write `my_bridge(h_n, linear)`. `h_n` is `(2L, B, H)`, from a GRU of L layers in two directions; `linear` is an `nn.Linear` from 2H to H. Return the first state of a decoder of one layer, `(1, B, H)`: `linear` of the two directions of the
# **top** layer, the forward direction first. For L = 2, B = 1, H = 1, `h_n = [[[1]], [[2]], [[3]], [[4]]]` and a `linear` that adds its first input and ten times its second, it gives `[[[43]]]`.
#
# *Difficulty 2 of 3, 10 minutes, 2 points.*
#
# <details><summary>First hint</summary>
#
# Which two rows of h_n belong to the top layer, and on which axis do they lie side by side?
#
# </details>


# %% exercise="02-bridge"
def my_bridge(h_n, linear):
    """Make the decoder's first state (1, B, H) of the top layer's two directions."""
    ### BEGIN SOLUTION
    top = torch.cat([h_n[-2], h_n[-1]], dim=1)  # (B, 2H)
    return linear(top).unsqueeze(0)  # (1, B, H)
    ### END SOLUTION


# %% check="02-bridge"
check("02-bridge", my_bridge)

# %% [markdown]
# ### In the library: `Encoder.bridged`
#
# A decoder with L layers gets the same vector for each of them.

# %%
show_source(Encoder.bridged, after="02-bridge")

# %% [markdown]
# ## LSTM beside GRU
#
# The older gated network, the LSTM (Hochreiter and Schmidhuber 1997), keeps two vectors: a cell $c$, which gates write to and erase, and a state $h$, which is what it shows of the cell. It has four pairs
# of matrices where the GRU has three:

# %%
for kind in (nn.GRU, nn.LSTM):
    rnn = kind(64, 128, batch_first=True)  # E = 64, H = 128
    count = sum(parameter.numel() for parameter in rnn.parameters())
    print(f"{kind.__name__}: {count:,} parameters")
states, last = rnn(torch.zeros(2, 5, 64))
print("states", tuple(states.shape), "last", [tuple(part.shape) for part in last])
five_words = torch.full((2, 5), UNK)
memory = Encoder(20, 64, 128, cell="lstm")(five_words, five_words != PAD)
print("the decoder's first state:", [tuple(part.shape) for part in memory.initial])

# %% [markdown]
# The GRU has $3(HE + H^2 + 2H)$ numbers, the LSTM four thirds of that. The second thing that `nn.LSTM` returns is a tuple, `(h_n, c_n)`; code written for a GRU takes it for a tensor and fails. The library keeps a tuple in both cases, `(h,)` or
# `(h, c)`, and bridges each part.

# %%
progress("02")

# %% [markdown]
# ## Recap
#
# - A GRU **keeps or overwrites** each component of its state, as its gates say; what it keeps is learned, and depends on what the decoder needs.
# - `h_n[-2]` and `h_n[-1]` are the forward and the backward direction **of the top layer**, one at the last word and one at the first.
# - A pad that is read **moves the states**; packing stops each direction at the sentence's own end.
#
# | name | shape | |
# |---|---|---|
# | `embedding(src)` | (B, S, E) | one vector per token |
# | states of a GRU | (B, S, DH) | of the top layer, the D directions side by side |
# | `h_n` | (LD, B, H) | by layer, then by direction |
# | $\bar h_s$ | (B, S, H) | the directions summed |
# | first state of the decoder | (L, B, H) | bridged from the top layer |
#
# Next: [03, how does one vector become a sentence?](03_vanilla_seq2seq.ipynb)
#
# **Stretch (optional).** Give the GRU by hand the same word ten times. Change `W_i` so that the first component of the state is still within 0.01 of 0.5 at the end. How near to 1 must $z$ be, and can it be exactly 1?
