# %% [markdown]
# # 01 Text to tensors
#
# **How does a sentence become numbers?** It is cut into tokens, each token is looked up in a table, and the sentences of a batch are filled up to one length.
#
# After this chapter you can
# - **split** text into tokens and **build** a vocabulary, and tell what happens to a word that it lacks,
# - **pad** sentences of different lengths into one tensor, and **mask** the pads,
# - **make** the decoder's input and output of a target sentence,
# - **measure** how much of a batch is padding, with and without length buckets.
#
# About 45 minutes. Comes after 00, where a finished translator was at work.
#
# ```
#   text      Le chat dort.                Le chien voit le chat.
#                  │ tokenize                     │
#   tokens    le chat dort .               le chien voit le chat .
#                  │ Vocab.encode                 │
#   numbers   5  6  7  4                   5  8  11  5  6  4
#                  └──────────────┬───────────────┘ pad
#   tensor              5  6  7  4  0  0           mask   ■ ■ ■ ■ □ □
#   (B, S)              5  8 11  5  6  4                  ■ ■ ■ ■ ■ ■
# ```

# %% [markdown]
# ## Setup

# %%
import pandas
import torch

from s2s_lib import EOS, PAD, SOS, UNK, Batch, SentencePair, Vocab
from s2s_lib import batches, collate, corpora, detokenize, pad, plots, tokenize
from s2s_lib.course import check, hint, predict, progress, reveal, show_source

# %% [markdown]
# ## The problem
#
# A network computes with tensors. The shortest way there seems to be: split at the blanks, give each new word the next number, and make a tensor of the lists.

# %%
numbers = {}
rows = []
for sentence in ["le chat dort", "le chien voit le chat"]:
    rows.append([numbers.setdefault(word, len(numbers)) for word in sentence.split()])
print(rows)
try:
    torch.tensor(rows)
except ValueError as error:
    print("ValueError:", error)
try:
    numbers["zèbre"]
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# Two failures, and both will come back with any text. A tensor is a rectangle, and sentences have **different lengths**. And however much text the table was made of, someone will
# type a **word that is not in it**. This chapter mends both, each with a made-up token: `<pad>` and `<unk>`.

# %% [markdown]
# ## Cutting text into tokens
#
# Before words get numbers, it has to be settled what counts as a word. Splitting at blanks is one rule. The library's `tokenize` has another:

# %%
text = "L'homme qu'il a vu n'est pas là."
print(text.split())
print(tokenize(text))

# %% [markdown]
# At the blanks, `L'homme` is one word and `là.` another, with its full stop. `tokenize` writes all in lower case, cuts off signs, and knows that French words such as *le* and *que* lose
# their last vowel before another vowel. So *homme* is one and the same token in *l'homme* and in *un homme*. How much does that matter? Here are the 8,000 training
# sentences of a made-up but correct French, the corpus of this workbook, cut in both ways:

# %%
corpus = corpora.french()
texts = [detokenize(pair.src) for pair in corpus.train]
print(texts[5])
split = {token for line in texts for token in line.lower().split()}
tokenized = {token for line in texts for token in tokenize(line)}
print(len(split), "different tokens, split at blanks")
print(len(tokenized), "different tokens, by tokenize")

# %% [markdown]
# There are 139 tokens fewer, nearly a fifth of the table, although these sentences have no punctuation. Each entry saved was a second spelling, like *d'enfants* beside *enfants*, about which the model would have to learn everything again.

# %% [markdown]
# ## A number for each token
#
# A vocabulary is a table with two ways through it: from a token to its number and back. Its first four entries are no words:
#
# | number | token | stands for |
# |---|---|---|
# | 0 | `<pad>` | nothing; fills a short sentence up |
# | 1 | `<unk>` | a word that the table does not have |
# | 2 | `<sos>` | the start of a sentence |
# | 3 | `<eos>` | its end |
#
# Three sentences are enough to see it whole. They stay with us through the chapter.

# %%
pairs = [
    SentencePair(tokenize("Le chat dort."), tokenize("The cat sleeps.")),
    SentencePair(tokenize("Le chien voit le chat."), tokenize("The dog sees the cat.")),
    SentencePair(tokenize("La femme dort."), tokenize("The woman sleeps.")),
]
vocab = Vocab.build(pair.src for pair in pairs)
print(vocab.tokens)
ids = vocab.encode(tokenize("Le zèbre voit la femme."))
print(ids)
print(vocab.decode(ids))

# %% [markdown]
# The most frequent tokens come first, ties in alphabetical order. *zèbre* became 1, and on the way back `<unk>`: a sentence with an unknown word no longer fails, but what the word was is lost.
#
# Some words are made unknown on purpose. With `min_count=5`, a word seen fewer than five times in training gets no number of its own. (Bahdanau et al. 2015, section 4.1,
# kept the 30,000 most frequent words of each language.) Here is the price, on 500 sentences that were not used to build the table:

# %%
for min_count in (1, 5, 20, 50, 100):
    kept = Vocab.build((pair.src for pair in corpus.train), min_count)
    words = [index for pair in corpus.test for index in kept.encode(pair.src)]
    unknown = words.count(UNK) / len(words)
    print(f"min_count {min_count:>3}: {len(kept)} tokens, {unknown:.1%} of the words unknown")

# %% [markdown]
# With `min_count=100` the table is less than half as large, and not quite one word in ten is unknown. That may sound bearable.
#
# ### Predict, then run
#
# The test sentences have 16 words on average. If 9.5 % of the words are unknown, what share of the *sentences* contains at least one unknown word?
#
# - **a** about 10 %, like the words
# - **b** about a third
# - **c** about three quarters
#
# <details><summary>Why each one tempts</summary>
#
# **a**: the same share of everything. **b**: more than for words, but rare words may stand together. **c**: a sentence has many chances to meet one.
#
# </details>

# %%
predict("01-unknown", answer=None)

# %%
kept = Vocab.build((pair.src for pair in corpus.train), min_count=100)
touched = sum(UNK in kept.encode(pair.src) for pair in corpus.test)
print(f"{touched / len(corpus.test):.0%} of the sentences")
reveal("01-unknown")

# %% [markdown]
# Less than a quarter of the sentences are spared. So `min_count` is a bargain: a smaller table against holes in the text. On real text, chapter 09 fills such holes by letting attention copy the source word.

# %% [markdown]
# ## A rectangle
#
# The sentences have their numbers, and still different lengths. The rule: the longest sets the width, and the others are filled with `<pad>` at the right.
#
# ```
# [5, 6, 7, 4]                      5  6  7  4  0  0
# [5, 8, 11, 5, 6, 4]      ──►      5  8 11  5  6  4
# [10, 9, 7, 4]                    10  9  7  4  0  0
# ```
#
# ### Exercise 01-pad
#
# Write `my_pad(sequences)`. `sequences` is a list of B lists of ids, each with one id or more. Return an integer tensor of shape `(B, S)`, where S is the length of the longest list: row b holds
# the ids of list b in their order, followed by 0, the number of `<pad>`, up to the end. Leave the lists themselves as they are.
#
# `[[7], [5, 6, 7]]` gives `[[7, 0, 0], [5, 6, 7]]`.
#
# *Difficulty 1 of 3, 8 minutes, 1 point.*
#
# <details><summary>First hint</summary>
#
# How wide must the rectangle be so that every row fits, and how many pads does a row of three ids then need?
#
# </details>


# %% exercise="01-pad"
def my_pad(sequences):
    """Put B lists of ids into one tensor (B, S), 0 after the end of the shorter ones."""
    ### BEGIN SOLUTION
    width = max(len(ids) for ids in sequences)
    return torch.tensor([ids + [PAD] * (width - len(ids)) for ids in sequences])  # (B, S)
    ### END SOLUTION


# %% check="01-pad"
check("01-pad", my_pad)

# %% [markdown]
# ### In the library: `pad`

# %%
show_source(pad, after="01-pad")

# %% [markdown]
# ## Telling words from pads
#
# The pads made a rectangle, but they are not part of any sentence. Whatever is computed over the rows must leave them out. A small case, with a made-up
# number for each token of the first two sentences, say how surprised the model is by it:

# %%
surprise = torch.tensor([[2.0, 3.0, 3.0, 4.0, 0.0, 0.0], [2.0, 3.0, 4.0, 2.0, 3.0, 4.0]])
real = torch.tensor([[True, True, True, True, False, False], [True] * 6])
print("mean over the row:        ", surprise.mean(dim=1).tolist())
print("mean over the real tokens:", ((surprise * real).sum(dim=1) / real.sum(dim=1)).tolist())

# %% [markdown]
# Both sentences are equally surprising, 3 per token. The plain mean says 2 for the first, since it counts two pads. The same would happen to attention (chapter 04) and to the loss (chapter 03).
#
# `real` is a *mask*: boolean, one entry per token, True at what counts. Written by hand it is no use; it has to come out of the ids.
#
# ### Exercise 01-mask
#
# Write `my_mask(ids)`. `ids` is an integer tensor `(B, S)` in which 0 is `<pad>`. Return a boolean tensor of the same shape, True at real tokens and False at pads. `<unk>`, `<sos>`
# and `<eos>` (1, 2 and 3) are real: they say something.
#
# `[[1, 6, 0]]` gives `[[True, True, False]]`.
#
# *Difficulty 1 of 3, 5 minutes, 1 point.*
#
# <details><summary>First hint</summary>
#
# What is the number of `<pad>`, and does any other token have that number?
#
# </details>


# %% exercise="01-mask"
def my_mask(ids):
    """Tell real tokens (True) from pads (False)."""
    ### BEGIN SOLUTION
    return ids != PAD  # (B, S)
    ### END SOLUTION


# %% check="01-mask"
check("01-mask", my_mask)

# %% [markdown]
# True for *real* is a choice. Some libraries mark the pads instead; PyTorch's `key_padding_mask` is True at pads. In this workbook True is real, everywhere, and `mask.sum(dim=1)` is the lengths. The library makes its mask
# with the same comparison; you will meet it in `collate` below.
#
# ## What the decoder reads and what it says
#
# The target sentence is needed twice. At each step the decoder reads the word before, and has to say the next one:
#
# ```
#   reads   trg_in    <sos>    the     cat    sleeps    .
#                       │       │       │       │       │
#   says    trg_out    the     cat    sleeps    .     <eos>
# ```
#
# It is the same sentence twice, one step apart. `<sos>` is what it reads before there is any word, and `<eos>` is how it says that it is done.
#
# What if one forgets the step? Take the laziest model there is, which says what it has just read, and count how often it is right on the 500 test targets:

# %%
trg_vocab = Vocab.build(pair.trg for pair in corpus.train)
targets = [trg_vocab.encode(pair.trg) for pair in corpus.test]
read = pad([[SOS, *trg] for trg in targets])
said = pad([[*trg, EOS] for trg in targets])
words = said != PAD
for name, seen in (("the same tensor", said), ("one step apart", read)):
    right = (seen == said)[words].float().mean()
    print(f"input and target {name}: {right:.0%} right")

# %% [markdown]
# Without the step, the answer *leaks* into the input, and copying gets everything right. A model that has learned to copy looks splendid in training and can't write a word on its own, where nobody
# hands it the answer. With the step, copying hardly ever helps: only two of these sentences have a word twice in a row, as in *the singers that I love love*.
#
# ### Exercise 01-shift
#
# Write `my_shift(targets)`. `targets` is a list of B lists of ids, the target sentences without special tokens. Return two integer tensors, `trg_in` and `trg_out`, both `(B, T)`, where T is the length of the
# longest target plus one.
#
# - Row b of `trg_in` is `<sos>` (2), then the sentence, then pads (0). It never contains `<eos>`.
# - Row b of `trg_out` is the sentence, then `<eos>` (3), then pads.
#
# `[[5, 6], [7]]` gives `trg_in = [[2, 5, 6], [2, 7, 0]]` and `trg_out = [[5, 6, 3], [7, 3, 0]]`. You may use `pad`.
#
# *Difficulty 2 of 3, 12 minutes, 2 points.*
#
# <details><summary>First hint</summary>
#
# Before it has written anything, what does the decoder read? And after the last word, what should it say?
#
# </details>


# %% exercise="01-shift"
def my_shift(targets):
    """Give the decoder's input <sos> y1 .. yn and its output y1 .. yn <eos>, each (B, T)."""
    ### BEGIN SOLUTION
    trg_in = pad([[SOS, *trg] for trg in targets])  # (B, T)
    trg_out = pad([[*trg, EOS] for trg in targets])  # (B, T)
    return trg_in, trg_out
    ### END SOLUTION


# %% check="01-shift"
check("01-shift", my_shift)

# %% [markdown]
# ### In the library: `Batch` and `collate`
#
# The step is made in one place, where a batch is put together. The mask is made there too.

# %%
show_source(Batch, collate, after="01-shift")

# %% [markdown]
# ## One batch
#
# `batches` goes through a corpus: it looks the words up, puts sentences together and calls `collate`. The three sentences make one batch:

# %%
english = Vocab.build(pair.trg for pair in pairs)
batch = next(iter(batches(pairs, vocab, english, batch_size=3, bucket=False)))
for name, tensor in batch._asdict().items():
    print(name, tuple(tensor.shape), tensor.int().tolist())
print([" ".join(english.decode(row)) for row in batch.trg_out])

# %% [markdown]
# These four tensors are all that a model sees of a corpus (the mask is printed as 1 and 0). Both sides are padded on their own, so S and T may differ, and `decode` stops at `<eos>`.
#
# ## Length buckets
#
# Most layers compute with a pad as they do with a word, and then the result is thrown away. How many pads are there?
#
# ### Predict, then run
#
# The training sentences have 4 to 40 words, 16 on average. Draw batches of 64 sentences at random. What share of all source positions is padding?
#
# - **a** about one in ten
# - **b** about a third
# - **c** more than half
#
# <details><summary>Why each one tempts</summary>
#
# **a**: most sentences are near the average. **b**: the shorter half has to be filled up to the average. **c**: they are filled up to the longest, and not to the average.
#
# </details>

# %%
predict("01-pads", answer=None)

# %%
vocabs = Vocab.build(pair.src for pair in corpus.train), trg_vocab


def masks(size, bucket):
    """Give the source masks of all batches of an epoch."""
    shuffle = torch.Generator().manual_seed(0)
    epoch = batches(corpus.train, *vocabs, batch_size=size, bucket=bucket, generator=shuffle)
    return [batch.src_mask for batch in epoch]


entries = torch.cat([mask.flatten() for mask in masks(64, bucket=False)])
print(f"{(~entries).float().mean():.0%} of the positions are pads")
reveal("01-pads")

# %% [markdown]
# The remedy: let sentences of about equal length share a batch. `batches` draws a random order, takes 50 batches' worth of sentences, sorts these by length and cuts them into batches, which then come in
# a random order. Every sentence still comes once an epoch. (Sutskever et al. 2014, section 3.4, report that such batches doubled their speed.) The sixth batch of 64 sentences of both kinds, drawn as a mask:

# %% figure="Two masks of 64 sentences side by side. In random order more than half of the rectangle is pads; in a bucket nearly all is words."
figure = plots.Picture(figsize=(8, 3.4), layout="constrained")
axes = figure.subplots(1, 2, sharex=True, sharey=True)
for ax, bucket in zip(axes, (False, True), strict=True):
    ax.imshow(masks(64, bucket)[5], cmap="Blues", vmin=-0.3, vmax=1.3, aspect="auto")
    title = "in a bucket" if bucket else "in random order"
    ax.set(title=title, xlabel="position", xlim=(-0.5, 40.5))
axes[0].set_ylabel("sentence of the batch")
figure

# %% [markdown]
# Dark is a word, light is a pad, white is outside the tensor. At the left the longest of 64 sentences makes all the others wait; at the right the sentences end nearly together. Over a whole
# epoch, for batches of other sizes:

# %% figure="Share of pads over batch size: in random order it rises from under a half to nearly three fifths, in buckets it stays below one in twenty."
sizes, shares = (8, 16, 32, 64, 128, 256), []
for batch_size in sizes:
    for bucket in (False, True):
        name = "in buckets" if bucket else "in random order"
        entries = torch.cat([mask.flatten() for mask in masks(batch_size, bucket)])
        shares.append((batch_size, name, (~entries).float().mean().item()))
table = pandas.DataFrame(shares, columns=["batch size", "batches", "pads"])
ax = plots.curves(table, "batch size", "pads", hue="batches")
ax.set(xscale="log", ylim=(0, 1), xlabel="sentences in a batch", ylabel="share of pads")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.figure

# %% [markdown]
# In random order the share of pads grows with the batch, from 46 % to 58 %: the more sentences, the longer the longest. In buckets it stays below 4 %. That is worth two fifths of the time: one epoch of a small
# model with attention on 2,000 of these sentences, in batches of 64, took 2.1 seconds of processor time in random order and 1.2 in buckets (two runs each after one to warm up, one thread).
#
# ### In the library: how `batches` sorts

# %%
show_source(batches.__iter__, after="01-shift")

# %%
progress("01")

# %% [markdown]
# ## Recap
#
# - A **vocabulary** turns tokens into numbers; a word that it lacks becomes `<unk>`, and what it was is lost.
# - **Pads** make a rectangle of sentences of different lengths, and a **mask**, True at real tokens, takes them out of every result. Buckets keep them few.
# - The decoder **reads** `<sos> y1 .. yn` and **says** `y1 .. yn <eos>`; without that step the answer stands in the question.
#
# | name | shape | |
# |---|---|---|
# | `src` | (B, S) | integers, `<pad>` after the end of the shorter sentences |
# | `src_mask` | (B, S) | boolean, True at real tokens |
# | `trg_in` | (B, T) | begins with `<sos>` |
# | `trg_out` | (B, T) | the same words one step earlier, `<eos>` after the last |
#
# Next: [02, what does the encoder remember?](02_encoder.ipynb)
#
# **Stretch (optional).** Take characters for tokens: `list(text)` in place of `tokenize(text)`. How large does the vocabulary of the corpus get, how many of the test tokens are unknown, and how much longer are the sentences?
