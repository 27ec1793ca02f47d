# %% [markdown]
# # 08 Decoding
#
# **Is the most likely word the best choice?** Often, and not always. A *beam search* looks at several beginnings at once, and finds
# sentences that taking the likeliest word each time walks past.
#
# After this chapter you can
# - **search** with a beam, on paper and in code, and say what it may miss,
# - **rank** hypotheses of different lengths, and **measure** what the length penalty does,
# - **compute** BLEU yourself, and **name** what it does not see.
#
# About 60 minutes. Comes after 07; you need chapter 03, where a decoder wrote its first sentences.
#
# ```
#   K hypotheses           all ways to go on                  the K best of them
#
#   is      0.60  ───►  is skiing   is going   is ...  ──┐
#                                                        ├──►  two of these, here
#   goes    0.40  ───►  goes down   goes up    ...     ──┘     with a beam of K = 2
# ```

# %% [markdown]
# ## Setup

# %%
import math
from collections import Counter
from types import SimpleNamespace
import torch
from s2s_lib import EOS, PAD, SPECIALS, Decoded, Memory, Translator, beam_search, bleu
from s2s_lib import beam_steps, best_continuations, next_log_probs, plots, ranked, topk_pairs
from s2s_lib.ablation import table
from s2s_lib.course import check, hint, predict, progress, reveal, show_source

# %% [markdown]
# ## The problem
#
# So far each chapter decoded *greedily*: at every step, the most likely word is written down, and never taken back. Here is a caption that the shipped translator has not
# seen, translated in this way. Below it stands another translation, forced through the same model. Before each is the probability that the model gives to the
# whole sentence.

# %%
translator = Translator.load("fr-en")
source = "Un skieur descend une pente enneigée."
written = translator.translate(source)
other = translator.translate(source, forced="A skier goes down a snowy hill.")
for trace in (written, other):
    print(f"{math.exp(trace.log_prob):.2f}  {trace.text}")
print("third word: ", [(word, round(p, 2)) for word, p in written.candidates[2][:3]])
print("after is:   ", [(word, round(p, 2)) for word, p in written.candidates[3][:3]])
print("after goes: ", [(word, round(p, 2)) for word, p in other.candidates[3][:3]])

# %% [markdown]
# To the model itself the second sentence is nearly twice as likely, and greedy search did not find it. They part at the third word, where `is` beats `goes`. But after
# `is` the probability is shared among many words, and after `goes` nine tenths of it go to one. At the third word, greedy search cannot know that.

# %% [markdown]
# ## A search on paper
#
# A translator has thousands of words to choose from. Take seven, and set their probabilities by hand. Each word depends on the one before it only:
#
# ```
#   <sos> ─┬─ is 0.6 ───┬─ skiing 0.40 ─┬─ down 0.7
#          │            │               └─ <eos> 0.3
#          │            ├─ going 0.35 ──── down 1.0
#          │            └─ riding 0.25 ─┬─ down 0.5
#          │                            └─ up 0.5
#          └─ goes 0.4 ─┬─ down 0.9                      after down and up: <eos>
#                       └─ up 0.1
# ```
#
# The probability of a sentence is the product along its path: `is skiing down` has $0.6 \cdot 0.4 \cdot 0.7 = 0.168$. There are so few sentences that one can list them all:

# %%
follows = {
    "<sos>": {"is": 0.6, "goes": 0.4},
    "is": {"skiing": 0.4, "going": 0.35, "riding": 0.25},
    "goes": {"down": 0.9, "up": 0.1},
    "skiing": {"down": 0.7, "<eos>": 0.3},
    "going": {"down": 1.0},
    "riding": {"down": 0.5, "up": 0.5},
    "down": {"<eos>": 1.0},
    "up": {"<eos>": 1.0},
}
paths, whole = [("<sos>", 1.0)], []
while paths:
    said, p = paths.pop()
    grown = [(f"{said} {word}", p * q) for word, q in follows[said.split()[-1]].items()]
    whole += [(p, said) for said, p in grown if said.endswith("<eos>")]
    paths += [(said, p) for said, p in grown if not said.endswith("<eos>")]
print("\n".join(f"{p:.3f}  {said}" for p, said in sorted(whole, reverse=True)))

# %% [markdown]
# Seven sentences, whose probabilities sum to 1. Greedy search writes `is`, `skiing`, `down`: the third of this list, with less than half of the probability of the first.
#
# Listing all sentences is no way out for a real model: with 5,000 words there are 25 million sentences of two words. **Beam search** keeps the K best beginnings, called
# *hypotheses*, at every step. It lets each go on with every word, and of all the results it keeps the K best again (Graves 2012; Sutskever et al. 2014). K is the *beam size*; with K = 1 it is greedy search.
#
# ### Predict, then run
#
# With a beam of 2 the search ends with two sentences. Which? Use the picture, and a pencil.
#
# - **a** `goes down` and `is going down`
# - **b** `goes down` and `is skiing down`
# - **c** `is skiing down` and `is going down`
#
# <details><summary>Why each one tempts</summary>
#
# **a**: these are the two most likely of the list. **b**: which two are in the beam after the second word? **c**: `is` begins with the largest probability.
#
# </details>

# %%
predict("08-two", answer=None)

# %% [markdown]
# The library's `beam_search` takes any model that has an encoder and a decoder. This one has nothing to encode, and its decoder looks up the table:

# %%
words = [*SPECIALS, "is", "goes", "skiing", "going", "riding", "down", "up"]
next_word = torch.zeros(len(words), len(words))
next_word[:2, EOS] = 1  # nothing comes after <pad> and <unk>
for word, after in follows.items():
    for following, p in after.items():
        next_word[words.index(word), words.index(following)] = p
mask = torch.ones(1, 1, dtype=torch.bool)
nothing = Memory(torch.zeros(1, 1, 1), (torch.zeros(1, 1, 1),), mask)
toy = SimpleNamespace(
    encoder=lambda src, mask: nothing,
    decoder=lambda token, state, memory: Decoded(next_word[token].log(), state, None, token),
)
for beam_size in (1, 2, 3):
    print(f"beam of {beam_size}")
    for found in beam_search(toy, mask.long(), mask, beam_size, length_penalty=0.0)[0]:
        print(f"  {math.exp(found.log_prob):.3f}  {' '.join(words[i] for i in found.tokens)}")
reveal("08-two")

# %% [markdown]
# A beam of 2 finds the best sentence, and its second one is not the second best. A beam of 3 has room for `is going` and finds the best three, as the full list says. So a beam search is
# a bet and proves nothing: what it cuts off at one step could have ended best.
#
# ### One step
#
# Probabilities of long sentences become very small, so one adds logarithms instead of multiplying. A step has K hypotheses with log probabilities $\ell_k$, and the decoder's
# log probabilities $\log p(v \mid k)$ of each next token. All K times V totals $\ell_k + \log p(v \mid k)$ compete, and the K largest win.
#
# A hypothesis that has said `<eos>` is *finished*: it is frozen. It keeps competing with the total that it has, and goes on with `<pad>` at no cost, and with nothing else.
#
# ### Exercise 08-beam-step
#
# Write `my_beam_step(log_probs, next_log_probs, finished)`. `log_probs` is `(K,)`, the log probability of each hypothesis. `next_log_probs` is `(K, V)`: row k holds the log probability of each
# token after hypothesis k; the rows of finished hypotheses mean nothing. `finished` is `(K,)`, True where a hypothesis is over. What cannot be has the log probability $-\infty$ in it already: `<pad>` after a
# hypothesis that goes on, for one. The number of `<pad>` is `PAD`, which is 0.
#
# Return a list of K tuples `(beam, token, total)`, the best first: token `token` is added to hypothesis number `beam`, and the result has the log probability `total`. All three are plain
# Python numbers. No two of the totals are equal. Leave the arguments as they are.
#
# An example with K = 2: hypothesis 0 is finished and has -1. Hypothesis 1 has -2 and may go on with token 4 at -0.5 or with token 5 at -1.5. The result is `[(0, 0, -1.0), (1, 4, -2.5)]`.
#
# *Difficulty 3 of 3, 20 minutes.*
#
# <details><summary>First hint</summary>
#
# There are K V ways to go on. What is the total of the one that adds token v to hypothesis k?
#
# </details>


# %% exercise="08-beam-step"
def my_beam_step(log_probs, next_log_probs, finished):
    """Find the K best continuations, as (beam, token, total)."""
    ### BEGIN SOLUTION
    steps = next_log_probs.masked_fill(finished.unsqueeze(1), float("-inf"))  # (K, V), a copy
    steps[finished, PAD] = 0.0
    best = (log_probs.unsqueeze(1) + steps).flatten().topk(len(log_probs))
    size = next_log_probs.shape[1]
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [(place // size, place % size, total) for place, total in pairs]
    ### END SOLUTION


# %% check="08-beam-step"
check("08-beam-step", my_beam_step)

# %% [markdown]
# ### In the library: `beam_search`
#
# `beam_steps` goes from step to step, and `best_continuations` takes one. They do the same for B sentences at once, and compare totals that are divided by a power of the length; why, is the question after the next. The decoder's state has to
# follow: a hypothesis takes the state of the beam that it grew from.

# %%
show_source(beam_steps, best_continuations, next_log_probs, topk_pairs, after="08-beam-step")

# %% [markdown]
# ## How wide a beam?
#
# Three shipped translators, each on the test sentences of its corpus: `fr-en` on the 1,000 captions of Multi30k's test_2016_flickr, `french-none` (no attention) and `french-dot` on 500 sentences
# of the French grammar. The table was made by `python -m s2s_lib.ablation decoding`, with one run a row, since nothing in it is random. Both panels show what a wider beam *adds* to a
# beam of 1. BLEU is a measure of quality from 0 to 100, which the last section takes apart.

# %% figure="Two panels over beam size. Left, the log probability gained over greedy search rises for fr-en and french-none and is flat for french-dot. Right, the BLEU gained by these two peaks at a beam of 2 and is lower with every wider one."
rows = table("decoding")
wide = rows[rows.length_penalty == 0].sort_values(["translator", "beam_size"])
names = {"log_prob": "log probability gained", "bleu": "BLEU gained"}
figure = plots.Picture(figsize=(9, 3.4), layout="constrained")
figure.subplots(1, 2)
for ax, (measure, gained) in zip(figure.axes, names.items(), strict=True):
    wide[gained] = wide[measure] - wide.groupby("translator")[measure].transform("first")
    plots.curves(wide, "beam_size", gained, ax, hue="translator")
    ax.set(xlabel="beam size", xticks=[1, 2, 3, 5, 10])
figure.axes[0].get_legend().set_loc((0.56, 0.08))
figure.axes[1].get_legend().remove()
figure

# %% [markdown]
# On the left, two lines rise all the way: for `fr-en` and `french-none`, the wider the beam, the likelier the sentences that it finds. On the right, both gain most with a beam of 2. Wider
# beams give a part of it back, `fr-en` step by step and `french-none` about a third, although their sentences become ever likelier. Koehn and Knowles (2017) saw the same in larger systems.
#
# `french-dot` is all but flat in both panels. That a beam improves a translator is often said, and here it does not: this model is so sure of each word that greedy search already finds the best sentence almost
# everywhere.
#
# Here is a caption for which a wider beam finds something likelier, and worse:

# %%
queue = "Des gens font la queue devant un cinéma."
for beam_size in (1, 5):
    trace = translator.translate(queue, beam_size)
    print(f"beam of {beam_size}: {trace.log_prob:.2f}  {trace.text}")

# %% [markdown]
# The people stand in line in front of a *movie theater*. Greedy search gets half of it. The beam finds a sentence that is a little likelier to the model, and the cinema is gone. The search
# did its work; it is the model that is wrong, and no search repairs that.

# %% [markdown]
# ## The shorter, the likelier
#
# ### Predict, then run
#
# A beam of 10 searches for the most likely sentence, without any penalty. How long are its translations of the captions (`fr-en`), compared with the references?
#
# - **a** shorter
# - **b** about as long, since the model was trained on sentences of that length
# - **c** longer
#
# <details><summary>Why each one tempts</summary>
#
# **a**: what does one more word do to the probability of a sentence? **b**: `<eos>` has to be predicted, too, and the model has learned when to. **c**: a wider beam has room for longer sentences.
#
# </details>

# %%
predict("08-short", answer=None)

# %%
ten = rows[rows.beam_size == 10]
print(ten.pivot(index="length_penalty", columns="translator", values="length_ratio").round(3))
reveal("08-short")

# %% [markdown]
# Each number is the words written, divided by the words of the references; the first row is the search without a penalty. `fr-en` leaves out 3 words of 100, and so does `french-none`. (`french-dot` again does not move: it
# is sure when to stop.)
#
# Here is what is left out:

# %%
accordion = "Deux hommes jouent de l'accordéon à Strasbourg."
for penalty in (0.0, 1.0):
    trace = translator.translate(accordion, beam_size=5, length_penalty=penalty)
    print(f"alpha {penalty}: {trace.log_prob:.2f}, {len(trace.trg)} tokens  {trace.text}")

# %% [markdown]
# The likeliest sentence found is the one without Strasbourg. Two words more are two factors below 1 more, and the right sentence has a log probability that is lower by about 1.
#
# The remedy, in the second line, is to divide the log probability by a power of the length before hypotheses are compared:
#
# $$\text{score}(y) = \frac{\log p(y \mid x)}{|y|^{\alpha}}$$
#
# $|y|$ counts the tokens, `<eos>` included. At $\alpha = 0$ the score is the log probability itself, at $\alpha = 1$ its mean over the tokens, which does not sink with the length. $\alpha$ is called the *length penalty*; the
# library's default is 1. By hand: a sentence of 4 tokens has $-2.0$ and one of 8 has $-2.8$. At $\alpha = 0$ the short one wins. At $\alpha = 1$ they score $-0.5$ and $-0.35$, and the long one wins.
#
# ### Exercise 08-rank
#
# Write `my_rank(log_probs, lengths, alpha)`. `log_probs` and `lengths` are tensors of shape `(K,)`; the lengths are whole numbers and count `<eos>` already; `alpha` is a number, 0 or more. Return two things: a list of
# the numbers of the hypotheses, 0 to K - 1, the best first; and their scores in the same order, a tensor `(K,)`. No two scores are equal. The example above, at `alpha = 1.0`, gives `[1, 0]` and `[-0.35, -0.5]`.
#
# *Difficulty 1 of 3, 10 minutes.*
#
# <details><summary>First hint</summary>
#
# What is the score at alpha = 0, and what at alpha = 1?
#
# </details>


# %% exercise="08-rank"
def my_rank(log_probs, lengths, alpha):
    """Order hypotheses by their score, best first; return the order and the scores."""
    ### BEGIN SOLUTION
    scores = log_probs / lengths**alpha
    best = scores.sort(descending=True)
    return best.indices.tolist(), best.values
    ### END SOLUTION


# %% check="08-rank"
check("08-rank", my_rank)

# %% [markdown]
# ### In the library: `ranked`

# %%
show_source(ranked, after="08-rank")

# %% [markdown]
# Which $\alpha$ is best? The captions again, with a line for each beam:

# %% figure="BLEU of fr-en over the length penalty, a line per beam size: a beam of 1 is flat, those of 5 and 10 rise from 0 to 0.5 and 1 and fall at 1.5."
captions = rows[(rows.translator == "fr-en") & rows.beam_size.isin([1, 2, 5, 10])]
captions = captions.rename(columns={"beam_size": "beam size"})
ax = plots.curves(captions, "length_penalty", "bleu", hue="beam size")
ax.set(xlabel="length penalty alpha", ylabel="BLEU", xticks=[0, 0.5, 1, 1.5])
ax.figure

# %% [markdown]
# The lines of the wide beams rise, stay high between 0.5 and 1, and fall at 1.5, where the output has become too long. The widest beam needs the penalty most: at 0 a beam of 10 is hardly better than greedy search, and at 1 it is the best of
# all. A beam of 1 is flat, since it has nothing to compare.
#
# Mind the axis: all of this is about one point of BLEU, on one test set.

# %% [markdown]
# ## BLEU
#
# How good is a translation, as a number? BLEU (Papineni et al. 2002) compares it with one made by a person, the *reference*, by counting the runs of n words, *n-grams*, that both contain, for n = 1 to 4. Two sentences:
#
# | | hypothesis | reference |
# |---|---|---|
# | 1 | `a black dog runs in the grass` | `a black dog runs across the green wet grass` |
# | 2 | `two men play the the guitar` | `two men play the guitar` |
#
# | n | matches in 1 | in 2 | sum | $p_n$ |
# |---|---|---|---|---|
# | 1 | 6 of 7 | 5 of 6, since `the` counts once | 11 of 13 | 0.846 |
# | 2 | 3 of 6 | 4 of 5 | 7 of 11 | 0.636 |
# | 3 | 2 of 5 | 2 of 4 | 4 of 9 | 0.444 |
# | 4 | 1 of 4 | 1 of 3 | 2 of 7 | 0.286 |
#
# A match is *clipped*: an n-gram counts at most as often as the reference of its sentence has it. $p_n$ divides the matches of the **whole corpus** by the n-grams of all hypotheses. Precision alone would favour a
# hypothesis of one sure word, so a corpus that is shorter than its references pays a *brevity penalty*. With H words in all hypotheses and R in all references,
#
# $$\text{BLEU} = 100 \cdot \min(1, e^{1 - R/H}) \cdot (p_1 p_2 p_3 p_4)^{1/4} = 100 \cdot e^{1 - 14/13} \cdot 0.511 = 47.3$$

# %%
said = ["a black dog runs in the grass", "two men play the the guitar"]
wanted = ["a black dog runs across the green wet grass", "two men play the guitar"]
alone = [bleu([one], [other]) for one, other in zip(said, wanted, strict=True)]
print(f"corpus {bleu(said, wanted):.1f}, sentences {alone[0]:.1f} and {alone[1]:.1f}")
print(f"mean of the sentences {sum(alone) / 2:.1f}")

# %% [markdown]
# The library agrees with the table, and the mean of the two sentences' scores is another number. It would be much lower if no run of four words matched in one of them: that sentence alone would score 0.
#
# ### Exercise 08-bleu
#
# Write `my_bleu(hypotheses, references)`: two lists of equally many sentences, each sentence a list of tokens. Return the BLEU of the corpus, 0 to 100, as a tensor without axes, `torch.tensor(score)`. If for some n nothing matches, or no
# hypothesis has n tokens, the score is 0: no smoothing. There is at least one token among the hypotheses. For the two sentences above it is 47.3. `Counter` and `math` are imported.
#
# *Difficulty 3 of 3, 25 minutes.*
#
# <details><summary>First hint</summary>
#
# Which two numbers do you need for each n from 1 to 4, and over what are they summed before one is divided by the other?
#
# </details>


# %% exercise="08-bleu"
def my_bleu(hypotheses, references):
    """Corpus BLEU of lists of tokens, 0..100."""
    ### BEGIN SOLUTION
    product, (said, wanted) = 1.0, (sum(map(len, side)) for side in (hypotheses, references))
    for n in range(1, 5):
        matched = total = 0
        for pair in zip(hypotheses, references, strict=True):
            one, other = (Counter(tuple(side[i : i + n]) for i in range(len(side) - n + 1)) for side in pair)
            matched, total = matched + (one & other).total(), total + one.total()
        product *= matched / max(1, total)
    return torch.tensor(100 * min(1, math.exp(1 - wanted / said)) * product**0.25)
    ### END SOLUTION


# %% check="08-bleu"
check("08-bleu", my_bleu)

# %% [markdown]
# ### In the library: `bleu`
#
# It leaves the counting to sacrebleu (Post 2018), which splits the text into tokens itself, so that scores of different systems can be compared. It is given readable text, and not tokens. Where for some n nothing matches, sacrebleu puts a
# small number in place of the 0. That changes scores of single sentences; in a whole corpus something always matches.

# %%
show_source(bleu, after="08-bleu")

# %% [markdown]
# ### Predict, then run
#
# *L'homme ne porte pas de chapeau* says that the man wears no hat. The reference is `The man is not wearing a hat.` Which scores higher?
#
# - **a** the shipped translator's `The man is wearing the hat.`
# - **b** `The man wears no hat.`
# - **c** they are about equal
#
# <details><summary>Why each one tempts</summary>
#
# **a**: which words does it share with the reference? **b**: it is right, the other is wrong. **c**: each differs from the reference in two or three words.
#
# </details>

# %%
predict("08-meaning", answer=None)

# %%
reference = "The man is not wearing a hat."
shipped_says = translator.translate("L'homme ne porte pas de chapeau.").text
for text in (shipped_says, "The man wears no hat."):
    print(f"{bleu([text], [reference]):.1f}  {text}")
reveal("08-meaning")

# %% [markdown]
# The sentence that says the opposite scores higher by more than ten points. BLEU was made to compare systems over a whole test set. It is no judge of a single sentence, and it knows nothing of meaning.

# %%
progress("08")

# %% [markdown]
# ## Recap
#
# - The most likely word need not begin the most likely sentence. A **beam** keeps K beginnings and finds likelier sentences than greedy search, without a guarantee.
# - The most likely sentence need not be the best: without a **length penalty**, leaving something out pays.
# - **BLEU** is clipped n-gram precision over a corpus, times a brevity penalty; it sees words, and no meaning.
#
# | name | shape | |
# |---|---|---|
# | `log_probs` | (K,) | one total for each hypothesis |
# | `next_log_probs` | (K, V) | what each token would add |
# | totals | (K, V) | all continuations, of which K are kept |
# | `beam`, `token` | (B, K) each | in the library, for B sentences at once |
# | state | (L, B K, H) | rows are reordered as hypotheses change places |
#
# Next: [09, does it work on real sentences?](09_real_translation.ipynb)
#
# **Stretch (optional).** Let `my_beam_step` search the table of this chapter: begin with `<sos>`, keep the words of each hypothesis, and stop when all are finished. With which beam does it find all seven sentences?
