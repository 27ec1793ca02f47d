# %% [markdown]
# # 05 Attention variants
#
# **What is a good score?** One that lets the decoder find the right word, learns it in reasonable time, and is worth what it costs.
#
# After this chapter you can
# - **compute** general, diagonal and concat scores, by hand and for a whole batch,
# - **show** that dot attention is a special case of diagonal, and diagonal of general,
# - **count** the parameters and the multiplications of each score,
# - **compare** scores over several seeds, and say when a difference is none.
#
# About 60 minutes. Comes after 04, where the score was a dot product.
#
# ```
#            h_t ──────┐                            h_t ──┐
#                      ▼                                  ▼
#   h̄_s ──► [ W_a ] ─► · ──► score          h̄_s ──► [ W_a ] ─► tanh ─► [ v_a ] ──► score
#
#   W_a = I            dot                          concat, a network of two layers
#   W_a diagonal       a weight per dimension
#   W_a full           general
# ```

# %% [markdown]
# ## Setup

# %%
import pandas as pd
import torch

from s2s_lib import ConcatScore, DiagonalScore, DotScore, GeneralScore, Translator, Vocabs
from s2s_lib import batches, build_model, corpora, fit, plots
from s2s_lib.ablation import long, table
from s2s_lib.course import check, hint, predict, progress, reveal, show_source
from s2s_lib.widgets import AttentionExplorer, CompareAttention

# %% [markdown]
# ## The problem
#
# Chapter 04 ended with `french-dot`, a translator with dot attention that gets most sentences right, long ones too. Here is one that it does not get right: nineteen words, from
# the 500 test sentences. Two other translators, with the scores of this chapter, translate it as well. They were trained on the same sentences in the same way, *concat* for more epochs.

# %% figure="Heatmap of a translation by dot attention that looks at voisins twice, and little at vache."
test = corpora.french().test
pair = next(pair for pair in test if pair.src[:4] == ("le", "héros", "qui", "est"))
french = {name: Translator.load(f"french-{name}") for name in ("dot", "general", "concat")}
for name, translator in french.items():
    print(f"{name:8}", translator.translate(pair.src).text)
AttentionExplorer(french, pair.src, pairs=test)

# %% [markdown]
# The first eleven rows are in order. The twelfth should write `cow`. It looks at *voisins* with a weight of 0.86 and at *vache* with 0.14 (point at the cells), `neighbors` comes out with a probability above 0.99, and in the end the sentence has neighbors twice and no cow.
#
# Did the look decide it? Try. In that row click the cell under *vache*, then *only this word*: the decoder says `cow` and goes on as it should. The
# translation is the reference's, so the true alignment appears as orange frames.
#
# Now switch to *general* and *concat*: they find the cow by themselves. Is that because their scores are better? One sentence can't tell. This chapter builds the scores first and compares them over many sentences
# and several trainings afterwards.
#
# ## A matrix between the two states
#
# A dot product multiplies the first number of $h_t$ with the first of $\bar h_s$, the second with the second, and so on. It takes for granted that decoder and encoder keep the same thing in
# the same place. They are two networks; who says that they do? *General* attention puts a matrix between them (Luong et al. 2015, eq. 8):
#
# $$\text{score}(h_t, \bar h_s) = h_t^\top W_a \bar h_s = \sum_{i,j} h_{t,i} \, W_{a,ij} \, \bar h_{s,j}$$
#
# $W_{a,ij}$ says how much number $i$ of the decoder has to do with number $j$ of the encoder. Suppose that the decoder is about to write a verb and says so in its *first* number, while the
# encoder marks verbs in its *second*:

# %%
h_t = torch.tensor([3.0, 1.0])
h_bar = torch.tensor([[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]])  # il, me, voit
W_a = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
print("dot      ", (h_bar @ h_t).tolist())
print("h_t W_a  ", (h_t @ W_a).tolist())
print("general  ", (h_bar @ (h_t @ W_a)).tolist())
print("diagonal ", (h_bar @ (h_t * torch.tensor([1.0, 4.0]))).tolist())

# %% [markdown]
# The dot product prefers *il*. $W_a$ turns $h_t$ from $(3, 1)$ into $(1 \cdot 2, 3 \cdot 1) = (2, 3)$, which asks for the second number more than for the first, and *voit* wins with
# $0 \cdot 2 + 2 \cdot 3 = 6$. The side matters: $h_t^\top W_a \bar h_s$ and $\bar h_s^\top W_a h_t$ are the same only if $W_a$ is symmetric, and here the latter gives 2, 7 and 12.
#
# ### Two special cases
#
# If $W_a$ has numbers on its diagonal only, each dimension is compared with itself and gets a weight of its own: $\sum_i w_{a,i} \, h_{t,i} \, \bar h_{s,i}$. Call this *diagonal*. With $w_a = (1, 4)$, the last
# line above, *me* gets $1 \cdot 3 \cdot 1 + 4 \cdot 1 \cdot 1 = 7$. (Some texts describe general attention in this way. It is the special case; the general $W_a$ is a full matrix.) And if all these weights are 1, what is left is the dot product.
#
# The library has a module for each score. `GeneralScore` and `DiagonalScore` start as dot attention, with $W_a = I$ and $w_a = 1$. The numbers below are quarters, so nothing is rounded, and *equal* means equal.

# %%
draw = torch.Generator().manual_seed(5)
query, keys = (torch.randint(-6, 7, (2, n, 5), generator=draw) / 4 for n in (3, 4))
dot, diagonal, general = DotScore(5), DiagonalScore(5), GeneralScore(5)
print("general with W_a = I      equals dot:     ", torch.equal(general(query, keys), dot(query, keys)))
w_a = torch.tensor([2.0, 1.0, 0.5, 0.0, -1.0])
diagonal.w_a.data, general.W_a.data = w_a, w_a.diag()
print("general with W_a = diag   equals diagonal:", torch.equal(general(query, keys), diagonal(query, keys)))
print("diagonal with these w_a   equals dot:     ", torch.equal(diagonal(query, keys), dot(query, keys)))

# %% [markdown]
# So dot ⊂ diagonal ⊂ general: what the one can score, the next can, too.
#
# ### Exercise 05-general
#
# Write `my_general(query, keys, W_a)`: `query` is `(B, T, H)`, `keys` is `(B, S, H)`, `W_a` is `(H, H)`. Entry `[b, t, s]` of the result, `(B, T, S)`, is $h_t^\top W_a \bar h_s$ with
# $h_t$ = `query[b, t]` and $\bar h_s$ = `keys[b, s]`. For example, `query = [[[3, 1]]]`, `keys = [[[2, 0], [1, 1], [0, 2]]]` and `W_a = [[0, 1], [2, 0]]`, the numbers
# from above as a batch of one, give `[[[4, 5, 6]]]`.
#
# *Difficulty 1 of 3, 10 minutes, no loop needed.*
#
# <details><summary>First hint</summary>
#
# In $h_t^\top W_a \bar h_s$, which of the two states meets the rows of $W_a$, and which its columns?
#
# </details>


# %% exercise="05-general"
def my_general(query, keys, W_a):
    """Score every query (B, T, H) against every key (B, S, H) through W_a (H, H)."""
    ### BEGIN SOLUTION
    return query @ W_a @ keys.transpose(1, 2)  # (B, T, S)
    ### END SOLUTION


# %% check="05-general"
check("05-general", my_general)

# %% [markdown]
# ### In the library: `GeneralScore` and `DiagonalScore`

# %%
show_source(GeneralScore, DiagonalScore, after="05-general")

# %% [markdown]
# ## What training makes of $W_a$
#
# General attention begins as dot attention here. A short training, twice through 4,000 sentences of the small French corpus, shows where it goes from there.
#
# ### Predict, then run
#
# At the start, $W_a$ has 128 ones on its diagonal and 16,256 zeros beside it. What does it look like after the training?
#
# - **a** it is still diagonal: a zero multiplies whatever it meets by zero, and learns nothing
# - **b** the diagonal still stands out in every row, but the zeros have become other numbers
# - **c** nothing is left of the diagonal
#
# <details><summary>Why each one tempts</summary>
#
# **a**: the *score* has nothing of a zero entry. But what of its gradient? **b**: 126 updates are not many. **c**: for 128 numbers on the diagonal there are 16,256 others, all of them free to move.
#
# </details>

# %%
predict("05-identity", answer=None)

# %%
corpus = corpora.french(size="small")
src_vocab, trg_vocab = Vocabs.of(corpus)
shuffle = torch.Generator().manual_seed(0)
train = batches(corpus.train[:4000], src_vocab, trg_vocab, batch_size=64, generator=shuffle)
sizes = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1}
model = build_model(len(src_vocab), len(trg_vocab), attention="general", **sizes)
fit(model, train, epochs=2, warmup=0.1, progress=False)
trained = model.decoder.attention.score.W_a.detach()
beside = trained - trained.diagonal().diag()
stands_out = trained.diagonal() > beside.abs().amax(dim=1)
print("the diagonal is the largest of every row:", "yes" if stands_out.all() else "no")
print("some number beside it is above 0.05:", "yes" if beside.max() > 0.05 else "no")
reveal("05-identity")

# %% [markdown]
# A zero entry does get a gradient. The score changes with $W_{a,ij}$ at the rate $h_{t,i} \, \bar h_{s,j}$, whatever $W_{a,ij}$ itself is. Here is the whole matrix, and how its numbers are spread:

# %% figure="Left: the trained 128 by 128 matrix W_a, a dark diagonal in a field of small numbers. Right: histograms of its numbers on the diagonal and beside it."
left, right = plots.Picture(figsize=(10, 3.8), layout="constrained").subplots(1, 2)
picture = left.imshow(trained.numpy(), cmap="RdBu_r", vmin=-0.5, vmax=0.5)
left.set(title="your W_a", xlabel="number j of the encoder's state", ylabel="number i of the decoder's")
left.figure.colorbar(picture, ax=left, extend="both", label="number in W_a")
zeros, ones = beside[~torch.eye(128, dtype=torch.bool)], trained.diagonal()
style = {"bins": 80, "range": (-0.5, 1.5), "density": True, "edgecolor": "black", "linewidth": 0.3}
right.hist(zeros, label="16,256 beside the diagonal", color="white", hatch="////", **style)
right.hist(ones, label="128 on the diagonal", color="#0173b2", **style)
right.set(xlabel="number in W_a", ylabel="density", ylim=(0, 12))
right.legend()
right.figure

# %% [markdown]
# The diagonal of your matrix stands out as a dark line, and its numbers keep to themselves around 1. The zeros have spread to both sides of 0, each by little.
#
# It looks as if the diagonal does the work. A picture can't tell; taking things away can. The shipped translator with general attention was trained for 30 epochs. How many of 200 test sentences
# does it get exactly right with its whole $W_a$, with the diagonal alone, and with all but the diagonal?

# %%
translator, some = Translator.load("french-general"), test[:200]
score = translator.model.decoder.attention.score
whole = score.W_a.data
only = whole.diagonal().diag()
for part, W in (("whole", whole), ("diagonal alone", only), ("all but the diagonal", whole - only)):
    score.W_a.data = W
    traces = translator.translate_many(pair.src for pair in some)
    exact = sum(trace.trg[:-1] == pair.trg for trace, pair in zip(traces, some, strict=True))
    print(f"{part:21}{exact:4} of {len(some)} exact")

# %% [markdown]
# The diagonal alone gets one sentence in fifteen right, and the rest does nearly without it. The numbers beside it are smaller, but there are 127 of them to each one on it. This translator is not dot attention with some noise:
# it compares different dimensions, as a full matrix can. Whether that makes for better translations is another question, and comes below.
#
# ## A network for every pair
#
# The oldest score of the three is a small network that reads both states (Bahdanau et al. 2015; in this form Luong et al. 2015, eq. 8, *concat*):
#
# $$\text{score}(h_t, \bar h_s) = v_a^\top \tanh(W_a [h_t; \bar h_s])$$
#
# It has two layers. The first takes the 2H numbers of both states to H numbers: $W_a$ is `(H, 2H)`, then tanh. The second takes the H numbers to one: its matrix is
# `(1, H)`, a single row, and is written $v_a^\top$. By hand, with H = 2:

# %%
h_t = torch.tensor([1.0, 0.0])
h_bar = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # il, me, voit
W_a = torch.tensor([[1.0, 0.0, -1.0, 1.0], [-1.0, 1.0, 1.0, 0.0]])
v_a = torch.tensor([1.0, 2.0])
pairs = torch.cat([h_t.expand(3, 2), h_bar], dim=1)  # (S, 2H)
inner = pairs @ W_a.T  # (S, H)
print("W_a [h_t; h_s]", inner.tolist())
print("scores        ", [round(score, 2) for score in (inner.tanh() @ v_a).tolist()])

# %% [markdown]
# For *voit*, the pair is $(1, 0, 1, 1)$, the first layer makes $(1, 0)$ of it, and the score is $1 \cdot \tanh 1 + 2 \cdot \tanh 0 = 0.76$.
#
# ### The pairs need not be built
#
# In a batch, every step meets every source word, and the pairs would fill a tensor of shape `(B, T, S, 2H)`. But the first H columns of $W_a$ only ever meet $h_t$, and the last H only
# $\bar h_s$. Call them $W_q$ and $W_k$:
#
# $$W_a [h_t; \bar h_s] = W_q h_t + W_k \bar h_s$$
#
# $W_q h_t$ is computed once for each step and $W_k \bar h_s$ once for each source word; only their sums are needed per pair. The library's `ConcatScore` does it in this way. How much memory does
# each way take, at four bytes a number?

# %%
concat = ConcatScore(2)
concat.W_q.weight.data, concat.W_k.weight.data, concat.v_a.data = W_a[:, :2], W_a[:, 2:], v_a
scores = concat(h_t.view(1, 1, 2), h_bar.unsqueeze(0))
print("ConcatScore:", [round(score, 2) for score in scores[0, 0].tolist()])
for B, T, S, H in ((64, 25, 25, 128), (128, 40, 40, 512)):
    print(f"B={B}, T={T}, S={S}, H={H}")
    print(f"    all pairs [h_t; h_s]   {4 * B * T * S * 2 * H / 1e6:6.1f} MB")
    print(f"    all sums, (B, T, S, H) {4 * B * T * S * H / 1e6:6.1f} MB")
    print(f"    W_q h_t and W_k h_s    {4 * B * (T + S) * H / 1e6:6.1f} MB")

# %% [markdown]
# The scores are the same. In this chapter's experiments, a batch of 64 sentences of 25 words would need 41 MB for its pairs. With the lecture's H = 512 and 128 sentences of 40 words it would be 839 MB, for one of the tensors that training
# must keep. The sums are half of that, and still `(B, T, S, H)`; the library never holds them all, but makes them block by block, 1 MiB at a time.
#
# ### Predict, then run
#
# Leave the tanh out. The score becomes $v_a^\top W_q h_t + v_a^\top W_k \bar h_s$. What happens to the attention weights?
#
# - **a** they become sharper, since the scores are no longer squeezed
# - **b** they become those of general attention
# - **c** they are the same at every output step, whatever $h_t$ is
#
# <details><summary>Why each one tempts</summary>
#
# **a**: tanh squeezes large numbers, that is true. **b**: without a tanh all is linear, as in general attention; but is $h_t$ *multiplied* with $\bar h_s$? **c**: in chapter 04, 100 was added to all
# scores.
#
# </details>

# %%
predict("05-tanh", answer=None)

# %%
queries = torch.tensor([[1.0, 0.0], [-1.0, 2.0]])  # two steps
inner = (queries @ W_a[:, :2].T).unsqueeze(1) + h_bar @ W_a[:, 2:].T  # (T, S, H)
for name, bent in (("with tanh", inner.tanh()), ("without", inner)):
    for t, row in enumerate((bent @ v_a).softmax(dim=1).tolist()):
        print(f"{name:10} step {t}  {[round(weight, 2) for weight in row]}")
reveal("05-tanh")

# %% [markdown]
# Without tanh both steps look at the same words with the same weights, so both get the same context. The decoder's state has lost its say, and no error tells you so.
#
# ### Exercise 05-concat
#
# Write `my_concat(query, keys, W_a, v_a)`: `query` is `(B, T, H)`, `keys` is `(B, S, H)`, `W_a` is `(H, 2H)`, `v_a` is `(H,)`. Entry `[b, t, s]` of the result, `(B, T, S)`, is
# $v_a^\top \tanh(W_a [h_t; \bar h_s])$ with $h_t$ = `query[b, t]` and $\bar h_s$ = `keys[b, s]`, the query first: the first H columns of `W_a` belong to it. Return scores, without mask or softmax. Memory does not matter here.
#
# For example, `query = [[[1, 0]]]`, `keys = [[[1, 0], [0, 1], [1, 1]]]`, `W_a = [[1, 0, -1, 1], [-1, 1, 1, 0]]` and `v_a = [1, 2]`, the numbers from above as a batch of one, give `[[[0, -0.56, 0.76]]]`.
#
# *Difficulty 3 of 3, 20 minutes.*
#
# <details><summary>First hint</summary>
#
# Which columns of `W_a` are multiplied with $h_t$, and which with $\bar h_s$?
#
# </details>


# %% exercise="05-concat"
def my_concat(query, keys, W_a, v_a):
    """Score every query (B, T, H) against every key (B, S, H): v_a^T tanh(W_a [query; key])."""
    ### BEGIN SOLUTION
    W_q, W_k = W_a.chunk(2, dim=1)  # (H, H) each
    asked = (query @ W_q.T).unsqueeze(2)  # (B, T, 1, H)
    offered = (keys @ W_k.T).unsqueeze(1)  # (B, 1, S, H)
    return (asked + offered).tanh() @ v_a  # (B, T, S)
    ### END SOLUTION


# %% check="05-concat"
check("05-concat", my_concat)

# %% [markdown]
# ### In the library: `ConcatScore`
#
# It leaves the sums, the tanh and the product with $v_a$ to `additive_score`, which computes what the comment says, block by block; its source is in `s2s_lib/model/additive.py`.

# %%
show_source(ConcatScore, after="05-concat")

# %% [markdown]
# ## What a score costs
#
# For T output steps and S source words there are T·S pairs. Some work is done once per state, the rest once per pair:
#
# | score | parameters | once | for each pair |
# |---|---|---|---|
# | dot | 0 | | H multiply-adds |
# | diagonal | H | T·H | H |
# | general | H² | T·H² | H |
# | concat | 2H² + H | (T + S)·H² | H, and H additions and H tanh |
#
# ### Predict, then run
#
# For H = 128 and T = S = 20, general needs 7.4 times the multiply-adds of dot, and concat 14 times, tanh not counted. Small models were trained with each score, five times each. How much longer
# does the training with concat take than the training with dot?
#
# - **a** about 14 times as long
# - **b** about 4 times
# - **c** less than twice as long
#
# <details><summary>Why each one tempts</summary>
#
# **a**: it is what the counting says, and the tanh comes on top. **b**: a model does more than scoring, so the 14 must shrink. **c**: so it must; by how much depends on what else there is to do.
#
# </details>

# %%
predict("05-cost", answer=None)

# %%
H, T, S = 128, 20, 20
once = {"dot": 0, "diagonal": T * H, "general": T * H * H, "concat": (T + S) * H * H}
modules = {"dot": DotScore, "diagonal": DiagonalScore, "general": GeneralScore, "concat": ConcatScore}
results = table("attention")
seconds = results[results.corpus == "french"].groupby("attention").cpu_seconds
print("score    parameters   multiply-adds a pair   training time against dot")
for name, module in modules.items():
    count = sum(weight.numel() for weight in module(H).parameters())
    pair_cost = H + once[name] / (T * S)
    ratio = seconds.get_group(name) / seconds.get_group("dot").mean()
    cost = f"{pair_cost:8.0f}, {pair_cost / H:4.1f} times dot"
    print(f"{name:9}{count:10,}   {cost}   {ratio.mean():.2f} ({ratio.min():.2f} to {ratio.max():.2f})")
reveal("05-cost")

# %% [markdown]
# Training with concat takes about half as long again as with dot; general stays within a tenth of dot. (Seconds of processor time on one thread, from a machine that had other work to do, too.) The score is a small part of the
# model. For each output word, the GRU of the decoder alone makes $3H(E+H) = 73{,}728$ multiply-adds with E = 64, and the encoder's two GRUs make as many each for a source word. Scoring 20 source words adds 2,560 with dot,
# 18,944 with general, 35,328 with concat.
#
# ## Side by side
#
# Now the comparison that one sentence could not give. `table("attention")` holds five trainings with each score. The seeds 0 to 4 change the first weights, the order of the sentences and
# dropout. The French ones go seven times through the 8,000 sentences of the small corpus, the Korean ones twelve times through 8,000 sentences of the Korean corpus, where only three scores were tried; all other settings are the same, and each is measured on 500 unseen sentences.
# (`python -m s2s_lib.ablation attention` trains them all again.) Two controls stand beside the scores: *none* is a model without attention, and
# *fixed*, in French, gets the plain mean of the encoder's states at every step, a context without a choice.
#
# ### Predict, then run
#
# General contains dot, and in this library it starts as dot. Both are trained on the same French sentences in the same way. How do their losses on unseen sentences compare at the end?
#
# - **a** general's is lower: it can do all that dot can, and more
# - **b** they are about alike: the lowest and highest of five trainings overlap
# - **c** dot's is lower: the worst of its five trainings ends below the best of general's
#
# <details><summary>Why each one tempts</summary>
#
# **a**: with $W_a = I$ general would do as well as dot, so training could stop there. **b**: 16,384 parameters are few beside the model's 282,950. **c**: what a score *can* do is one thing; what a few thousand updates make of it is another.
#
# </details>

# %%
predict("05-contains", answer=None)

# %% figure="Validation loss over epochs on a logarithmic scale, French left and Korean right, a line per score with its spread over five seeds."
kinds = ["none", "fixed", "dot", "diagonal", "general", "concat"]
scored = results[results.attention.isin(kinds)].astype({"attention": pd.CategoricalDtype(kinds)})


def compared(name, index, **labels):
    """Draw a measure over `index`, a panel per corpus."""
    axes = plots.Picture(figsize=(12, 4.2), layout="constrained").subplots(1, 2, sharey=True)
    for ax, (language, rows) in zip(axes, scored.groupby("corpus"), strict=True):
        plots.curves(long(rows, name, index), index, name, ax, hue="attention")
        ax.set(title=language, **labels)
        ax.get_legend().remove()
    lines = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(*lines, title="attention", loc="outside right upper")
    return axes


reveal("05-contains")
compared("loss", "epoch", xlabel="epoch", ylabel="validation loss in nats", yscale="log")[0].figure

# %% [markdown]
# In French, dot and diagonal are ahead after the first epoch, general and concat behind them. Concat then ends with the lowest mean, though its band overlaps those of dot and diagonal. General ends highest of the four, and in Korean
# highest of the three; there concat ends lowest, its band just below that of dot.
#
# So to have dot as a special case guarantees nothing. It says what $W_a$ could be, and not where a given number of steps will take it. (Nothing was tuned for any of the scores. With another learning rate or more epochs the gap may be
# another.)
#
# The loss is about words. What does it mean for whole sentences, short and long?

# %% figure="Exact translations over source length, French left and Korean right, a line per score with its spread over five seeds."
axes = compared("exact_from", "length", xlabel="source words", ylabel="exact translations", ylim=(-0.03, 1.03))
for ax in axes:
    ax.set_xticks([1, 6, 11, 16, 21], ["1-5", "6-10", "11-15", "16-20", "21 or more"])
axes[0].figure

# %% [markdown]
# In French the four scores lie together near the top at every length; *none* and *fixed* fall. A mean of all states is much more than nothing: with 6 to 10 words *fixed* is right in nine sentences of ten. From 21 words on it is right in about
# one of seven, and only those that choose are left. (The group of 1 to 5 words holds 20 French sentences, and that of 16 to 20 words, the longest in Korean, as many Korean ones, so their bands are wide.) In Korean it is not length that makes a sentence hard: on average, all three scores do better at 11 to 15 words than at 1 to 5.
#
# In numbers: the mean of the five trainings, and in brackets the lowest and the highest. `aer` is the alignment error rate: from each output word a link to the source word with the largest weight, compared
# with the true links; 0 is perfect (Och and Ney 2003). A word with two true links makes 0 impossible, so the lowest possible rate is printed as well.


# %%
def spread(values):
    """Mean, lowest and highest of several seeds."""
    return "" if values.isna().all() else f"{values.mean():#.3g} ({values.min():#.3g}-{values.max():#.3g})"


scored = scored.assign(loss=scored.loss_12.fillna(scored.loss_7))  # after the last epoch
print(scored.groupby(["corpus", "attention"], observed=True)[["loss", "exact", "aer"]].agg(spread).to_string())
links = sum(len(pair.alignment) for pair in corpus.test)
linked = sum(len({t for _, t in pair.alignment}) for pair in corpus.test)
lowest = 1 - 2 * linked / (links + sum(len(pair.trg) for pair in corpus.test))
print(f"\nlowest possible aer in French: {lowest:.3f}")

# %% [markdown]
# Read the brackets before the means. On French, the loss puts general above the other three; *exact* puts it below dot, by a single sentence of 500, and all other pairs of scores overlap or touch. Dot's alignment error rates lie below those of general and concat, diagonal's below those of general,
# and the other pairs overlap. (*fixed* weighs all words alike, so its 0.94 is that of always pointing at the first.) On Korean, general is apart from dot and concat in all three columns. Dot and concat
# differ in loss and alignment error, and overlap in *exact*.
#
# So there is no best score in this table: concat has more alignment errors than dot on French, and fewer on Korean. There is one that learned worse than the others at this budget, and it is neither the smallest nor the largest. Luong et al. (2015, section 5) report that *their* concat did badly; a ranking
# belongs to a corpus, a size and a training.
#
# ### Where they look
#
# The three shipped French translators, on one sentence that all of them get right. *Entarter* is one word and four in English (*hit* and *with a pie*), *ont* and *essayé* together are *tried*, and *t'* moves behind the verb:

# %% figure="Heatmaps of one French sentence for dot, general and concat side by side, the true alignment outlined: nearly all dark cells in the outlines; dot and general leave them in the row of this, general and concat in the row of to."
pair = next(pair for pair in test if pair.src == ("ils", "ont", "essayé", "de", "t'", "entarter", "ce", "matin"))
known = {"forced": pair.trg, "gold": pair.alignment}  # all three are led through the same words
CompareAttention({name: each.translate(pair.src, **known) for name, each in french.items()})

# %% [markdown]
# Point at a cell: the cursor stands in all three maps, and below each of them is its weight. The darkest cell of each row but that of `<eos>`, which has no frame, lies in one, with two exceptions: for `this`, *dot* and *general* look at *matin*, not at *ce*,
# and for `to`, *general* and *concat* look at *essayé*, not at *de*. The alignment error of *general* is 0.24, that of the others 0.14; the lowest possible here is 0.05, since `tried` has two true links.
# Tick *difference of* dot *minus* general: what is left are two cells in the row of `to`.
#
# All of them still write the right words. They can: the encoder reads in both directions, so its state at *matin* may hold the *ce* that came before it, and that at *essayé* the *de* that comes after it. A heatmap that disagrees with the alignment need not be a wrong translation; chapter 07 comes back to this.
# *concat* spreads its weights in some rows, most in that of `<eos>`; the other two point at one word. So its entropy, 0.27 nats a step, is the highest. (0 means one word. Chapter 07 explains the number.)
#
# ### Korean, where everything crosses
#
# `korean-concat` was trained for two and a half times as many epochs as the models of the table. Korean puts the verb last, and much of what English puts last comes first. Word for word, `건우가 카페에 도착했을 때 우리는 찬물을 마시고 있었다` is *gunwoo, at the cafe, arrived, when, we, cold water, drinking, were*:

# %% figure="Heatmap of a Korean sentence of two clauses: in each, after its subject, the dark cells run from the right end back to the left."
pair = next(pair for pair in corpora.korean().test if pair.src[-3:] == ("찬물을", "마시고", "있었다"))
trace = Translator.load("korean-concat").translate(pair.src, gold=pair.alignment)
print(" ".join(trace.src), "|", trace.text)
glosses = ["gunwoo", "at the cafe", "arrived", "when", "we", "cold water", "drinking", "were"]
plots.weights_heatmap(trace.weights, glosses, trace.trg, gold=trace.gold).figure

# %% [markdown]
# English begins with the second clause. After *we*, the dark cells begin at the right end and work back to the left, as far as *when*; then come *gunwoo* and the first clause, from its right end back.
# All of them lie in their outlines (`<eos>` has none). No score knows about word order: it compares vectors, and any source word is as near as any other. (The columns are
# labelled in English here, since not every machine has a Korean font for figures.)
#
# ## Before the update or after it?
#
# The scores differ in how they compare. Two papers also differ in *when*:
#
# ```
#   after the update (Luong et al. 2015)     before the update (Bahdanau et al. 2015)
#
#                 h_{t-1}                    attention ◄──── h_{t-1}
#                    │                           │              │
#                    ▼                           ▼              ▼
#       y_{t-1} ──► RNN              y_{t-1} ;  c_t ────────►  RNN
#                    │                           │              │
#                    ▼                           │              ▼
#   attention ◄──── h_t                          │             h_t
#       │            │                           │              │
#       ▼            ▼                           ▼              ▼
#    [ c_t    ;     h_t ] ──► word            [ c_t     ;      h_t ] ──► word
# ```
#
# *After*: the recurrent network needs the word that it reads, $y_{t-1}$, and its own last state. In training all words are known, so `nn.GRU` runs through the whole target in one call, and then all T steps attend in one product. No step waits for
# a context. *Before*: the network reads $c_t$ as well, $c_t$ needs $h_{t-1}$, and $h_{t-1}$ has read $c_{t-1}$. Training is a loop of T small steps, each with an attention of its own. In return, the state knows what has been looked at.
# (Luong et al. 2015, section 3.3, hand $\tilde h_t = \tanh(W_c [c_t; h_t])$ on to the next step for that, *input feeding*; then the steps wait, too.)
#
# The table has a row for the second order, *bahdanau*: a concat score, attending before the update, on French:

# %%
both = results[(results.corpus == "french") & results.attention.isin(["concat", "bahdanau"])]
measures = {"parameters": "max", "exact": spread, "aer": spread, "cpu_seconds": spread}
print(both.groupby("attention").agg(measures).to_string())
progress("05")

# %% [markdown]
# Both get nearly every sentence right. Attending before the update took 1.8 times the processor time, 83 seconds against 46 on average, and 49,152 more parameters, since its recurrent network reads H more numbers. Its
# alignment error rate is higher on average, 0.22 against 0.17, but the ranges overlap. If the difference is one, a possible reason, not tested here: its query $h_{t-1}$ has not yet read $y_{t-1}$, the word that was written last.
#
# ## Recap
#
# - **General** puts a matrix between the two states. Diagonal is general with numbers on the diagonal only, and dot is diagonal with ones.
# - **Concat** is a network of two layers, $v_a^\top \tanh(W_a [h_t; \bar h_s])$. Without its tanh the decoder's state drops out of the weights; with $W_q h_t + W_k \bar h_s$ no pair need be built.
# - A **comparison** needs several seeds. Where the ranges overlap, there is no winner; and what a score could represent does not tell what it will learn.
#
# | name | shape | |
# |---|---|---|
# | $W_a$ of general | (H, H) | rows belong to $h_t$, columns to $\bar h_s$ |
# | $w_a$ of diagonal | (H,) | a weight per dimension |
# | $W_a = [W_q, W_k]$ of concat | (H, 2H) | the first H columns belong to $h_t$ |
# | $v_a$ of concat | (H,) | $v_a^\top$ is the second layer's matrix, (1, H) |
# | scores | (B, T, S) | whatever the score |
#
# Next: [06, who writes the decoder's history?](06_teacher_forcing.ipynb)
#
# **Stretch (optional).** A matrix $W_a = U^\top V$ with U and V of shape (H/8, H) has a quarter of the parameters. Write it as a module like `GeneralScore`, put it into `Attention`, and train it as above. What would you have to do to say whether it is better?
