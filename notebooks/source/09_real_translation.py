# %% [markdown]
# # 09 Real translation
#
# **Does it work on real sentences?** On captions of photographs, well. On words that it has never seen, with a trick. On other sentences, hardly, and this chapter shows how one
# finds that out.
#
# After this chapter you can
# - **replace** unknown words with the help of attention, and say when that helps,
# - **judge** whether two BLEU scores can be compared,
# - **measure** what a translator does outside of what it was trained on,
# - **train** a translator on parallel text of your own.
#
# About 50 minutes. Comes after 08, where a decoder searched and BLEU judged.
#
# ```
#   text      Zidane   frappe    le    ballon   .
#   numbers      1       560     22      110    5      1 is <unk>, the word not in the vocabulary
#                │
#                └──────────┐  attention
#                           ▼
#   output    <unk>   is   kicking   the   ball   .
#   text      Zidane is kicking the ball.              <unk> gives way to the word it looked at
# ```

# %% [markdown]
# ## Setup

# %%
import tempfile
from pathlib import Path
import torch
from s2s_lib import Translator, Vocab, Vocabs, analysis, batches, bleu, build_model, corpora, fit, plots
from s2s_lib.ablation import table
from s2s_lib.course import check, hint, predict, progress, reveal, show_source
from s2s_lib.widgets import AttentionExplorer

# %% [markdown]
# ## The problem
#
# The shipped translator `fr-en` was trained on 29,000 captions of photographs, Multi30k (Elliott et al. 2016; the French by Elliott et al. 2017). Here are five sentences about what could be on a
# photograph. The sentences of this chapter are our own, they are few, and none of them is in Multi30k. This is what the decoder says:

# %%
translator = Translator.load("fr-en")
strangers = """Zidane frappe le ballon devant le gardien.
Deux hommes jouent de l'accordéon à Strasbourg.
Marie et Kenji mangent une crêpe en Bretagne.
Quatre amis partagent une fondue dans un chalet.
Un guépard court dans la savane.""".splitlines()
traces = translator.translate_many(strangers)
said = []
for trace in traces:
    pairs = zip(analysis.words(trace), trace.copied, strict=False)
    said.append(" ".join("<unk>" if copied else word for word, copied in pairs))
print("\n".join(said))

# %% [markdown]
# There is a hole in every sentence, and it is where the reader would like to know something: who, where, what.

# %% [markdown]
# ## Words that are not in the vocabulary
#
# Where does `<unk>` come from? A vocabulary is collected from the training text, and words that are seen too rarely are left out of it. Here are twenty more captions, which this chapter needs again later.

# %%
french = """Un homme en chemise rouge répare son vélo devant un garage.
Deux petites filles mangent une glace au bord de la mer.
Une femme âgée vend des fleurs sur un marché.
Un chien brun saute par-dessus une barrière en bois.
Un groupe de touristes prend des photos d'une cathédrale.
Un garçon lit un livre sous un arbre.
Trois hommes jouent aux cartes autour d'une petite table.
Une jeune femme court sur la plage avec son chien.
Un cuisinier coupe des légumes dans une grande cuisine.
Des enfants construisent un château de sable.
Un musicien joue du violon dans une station de métro.
Une femme en robe bleue traverse la rue.
Un ouvrier avec un casque jaune monte sur une échelle.
Un chat noir dort sur une chaise.
Deux équipes jouent au football sous la pluie.
Un vieil homme nourrit les pigeons dans un parc.
Un skieur descend une pente enneigée.
Un couple danse dans la rue la nuit.
Une femme parle au téléphone en attendant le bus.
Un bébé regarde un aquarium plein de poissons.""".splitlines()

# %%
tokens = [[token.lower() for token in translator.split(line)] for line in french]
everything, twice = Vocab.build(tokens), Vocab.build(tokens, min_count=2)
print(f"{sum(map(len, tokens))} words, {len(everything) - 4} different ones")
print(f"{len(twice) - 4} of these occur twice or more")
print(" ".join(tokens[9]), twice.encode(tokens[9]))
print(translator)

# %% [markdown]
# Of 112 different words and signs, 92 occur once. This is how text is: a few words are everywhere, and most are rare. In a larger text their share is smaller, and never 0. The third line shows what is left of a caption where the vocabulary
# leaves out what was seen once, with `min_count=2`: four of its eight tokens are 1, `<unk>`.
#
# The shipped translator's vocabularies were made with `min_count=2`, too. A word that was seen once is hardly learned, and each word costs a row of numbers on either side.
#
# `<unk>` is learned like any other word: a training sentence with a rare word has `<unk>` in it, so that the model learns what stands around it. With all words in the vocabulary, it would meet `<unk>` for the first time when it is used.
#
# ### Predict, then run
#
# *Un hérisson traverse la route*: a hedgehog crosses the road. *Hérisson* is not in the vocabulary. What does the translator write?
#
# - **a** A hedgehog is crossing the road.
# - **b** A hérisson is crossing the road.
# - **c** A dog is crossing the road.
#
# <details><summary>Why each one tempts</summary>
#
# **a**: that is the translation. **b**: which words can be written that are in neither vocabulary? **c**: a dog is the most frequent animal in captions, and what crosses a road is an animal.
#
# </details>

# %%
predict("09-hedgehog", answer=None)

# %% figure="Heatmap of A hérisson is crossing the road over Un hérisson traverse la route: the copied word looks at the unknown source word with all its weight."
reveal("09-hedgehog")
AttentionExplorer(translator, "Un hérisson traverse la route.")

# %% [markdown]
# In the row with the asterisk the decoder said `<unk>`: point at it, and the probability is 0.47. All of its weight lies on the column of the unknown word, and the translator writes the word that stands there (Jean et al. 2015, section 3.3). So the copy goes where the
# weight goes. Click the cell under *Un* in that row, then *only this word*: the decoder says `<unk>` still, and *A Un is crossing the road* comes out.
#
# Type `Zidane traverse la route.`, then `Kenji` for `Zidane`. The weights stay as they are, for both are the same `<unk>` to the model. Only the word that is copied differs.
#
# ### Exercise 09-unk
#
# Write `my_unk(tokens, weights, src)`. `tokens` is a list of T output words, among them `<unk>`, and perhaps an `<eos>` and pads (`<pad>`) at the end. `weights` is `(T, S)`, one row for each output word, and `src` a list of the S source words as they were
# typed. Return a new list of T words, in which each `<unk>` has become the source word with the largest weight in its row. All other words stay, `<eos>` and pads included. Don't change `tokens` itself.
#
# With the tokens `["<unk>", "eats", "<eos>"]`, the source `["mange", "Kenji"]` and the weights `[[0.1, 0.9], [0.8, 0.2], [0.5, 0.5]]`, it returns `["Kenji", "eats", "<eos>"]`.
#
# *Difficulty 1 of 3, 10 minutes.*
#
# <details><summary>First hint</summary>
#
# Which row of `weights` was there when the decoder wrote output word number t?
#
# </details>


# %% exercise="09-unk"
def my_unk(tokens, weights, src):
    """Put the source word that was looked at most in place of each <unk>."""
    ### BEGIN SOLUTION
    looked_at = [src[s] for s in weights.argmax(dim=1)]
    pairs = zip(tokens, looked_at, strict=True)
    return [word if token == "<unk>" else token for token, word in pairs]
    ### END SOLUTION


# %% check="09-unk"
check("09-unk", my_unk)

# %% [markdown]
# ### In the library: the last step of a translation

# %%
show_source(Translator._written, after="09-unk")

# %% [markdown]
# What is it worth? The five sentences of the beginning, with the holes and with copied words:

# %%
english = """Zidane kicks the ball in front of the goalkeeper.
Two men are playing the accordion in Strasbourg.
Marie and Kenji are eating a crepe in Brittany.
Four friends are sharing a fondue in a chalet.
A cheetah is running in the savanna.""".splitlines()
holes = [text.replace("<unk>", "unk") for text in said]  # sacrebleu would split <unk> in three
print(f"BLEU with holes  {bleu(holes, english):.1f}")
print(f"BLEU with copies {bleu([trace.text for trace in traces], english):.1f}")
print("\n".join(trace.text for trace in traces))

# %% [markdown]
# Copying is right for *Zidane*, *Kenji* and *Strasbourg*: a name mostly keeps its spelling. It is right for *fondue* by luck, since English took the word from French. It is wrong for *Bretagne*, which is Brittany, and for the *guépard*. And it can't repair words
# that *are* in the vocabulary and wrong: *Marie*, in small letters, is a form of *to marry* as well.
#
# Today's systems cut rare words into pieces that are not rare, *subwords* (Sennrich et al. 2016), so that hardly any `<unk>` is left.

# %% [markdown]
# ## How good is it?
#
# The usual test of Multi30k is test_2016_flickr, 1,000 captions. It is not shipped with this workbook; the score comes from the table of chapter 08.

# %%
rows = table("decoding").query("translator == 'fr-en' and length_penalty == 1")
rows = rows[rows.beam_size.isin([1, 5])]
print(rows[["beam_size", "bleu", "exact"]].round(3).to_string(index=False))

# %% [markdown]
# A widely used tutorial, notebook 3 of *pytorch-seq2seq* by Ben Trevett, trains a translator with attention on Multi30k for 10 epochs on a GPU, and prints a BLEU of 28.3 on 1,000 test captions (version of January 2024). It prints the four precisions, too, 0.612, 0.359, 0.216 and 0.135, without a brevity penalty, and the formula of chapter 08 gives the same. Is ours almost twice as good?
#
# That can't be told from these two numbers:
# - It translates **German** into English, and ours French into English. German puts its verbs elsewhere and builds compounds; it is another task.
# - It counts the **tokens** of spaCy's tokenizer; sacrebleu splits plain text by its own rules.
# - It leaves each `<unk>` as it is, where ours copies.
# - Its BLEU has no **smoothing**. Ours has, though in a corpus of this size that changes nothing.
# - Each is **one run**, of models of different sizes that were trained in different ways.
#
# How much the ruler matters can be measured on the twenty captions. The translations are the same in each line:

# %%
references = """A man in a red shirt is fixing his bike in front of a garage.
Two little girls are eating ice cream at the seaside.
An elderly woman is selling flowers at a market.
A brown dog jumps over a wooden fence.
A group of tourists is taking pictures of a cathedral.
A boy is reading a book under a tree.
Three men are playing cards around a small table.
A young woman is running on the beach with her dog.
A cook is cutting vegetables in a large kitchen.
Children are building a sand castle.
A musician is playing the violin in a subway station.
A woman in a blue dress is crossing the street.
A worker with a yellow helmet is climbing a ladder.
A black cat is sleeping on a chair.
Two teams are playing soccer in the rain.
An old man is feeding the pigeons in a park.
A skier is going down a snowy slope.
A couple is dancing in the street at night.
A woman is talking on the phone while waiting for the bus.
A baby is looking at an aquarium full of fish.""".splitlines()

# %%
import sacrebleu

texts = [trace.text for trace in translator.translate_many(french)]
print(f"sacrebleu, as in this workbook  {bleu(texts, references):.1f}")
rulers = {"split at spaces only": "none", "characters for words": "char"}
for name, tokenizer in rulers.items():
    ruler = {"tokenize": tokenizer, "lowercase": True, "force": True}
    print(f"{name:31} {sacrebleu.corpus_bleu(texts, [references], **ruler).score:.1f}")

# %% [markdown]
# The same twenty translations score 69, 71 or 85. The second ruler takes `garage.` with its full stop for one word; the third is not used for English, and is here to show how far a ruler can stretch.
#
# Two scores can be compared when the test sentences, the references and the program that counted are the same. Post (2018) wrote sacrebleu to make that easy.

# %% [markdown]
# ## Outside of its world
#
# Fifteen sentences of everyday life, most of them shorter than the captions:

# %%
everyday = """Le président signe la loi. | The president signs the law.
Où est la gare ? | Where is the station?
Je ne sais pas. | I don't know.
Il a plu hier et il neigera demain. | It rained yesterday and it will snow tomorrow.
Le prix du pain a encore augmenté. | The price of bread has gone up again.
Quelle heure est-il ? | What time is it?
Les enfants dormaient quand il est rentré. | The children slept when he came home.
La banque a fermé mon compte. | The bank closed my account.
Elle ne veut plus jamais le revoir. | She never wants to see him again.
Le train de sept heures est en retard. | The seven o'clock train is late.
Nous avons perdu les clés de la voiture. | We have lost the car keys.
Mon frère est médecin à Lyon. | My brother is a doctor in Lyon.
La Terre tourne autour du Soleil. | The Earth turns around the Sun.
Il faut que tu viennes demain. | You have to come tomorrow.
L'homme ne porte pas de chapeau. | The man is not wearing a hat.""".splitlines()
pairs = [line.split(" | ") for line in everyday]

# %% [markdown]
# ### Predict, then run
#
# Which BLEU does the translator reach on these?
#
# - **a** about as much as on the captions: short sentences are easy
# - **b** about half
# - **c** less than a quarter
#
# <details><summary>Why each one tempts</summary>
#
# **a**: translators of chapter 03 did best on short sentences. **b**: the grammar is the same French, and copying saves some. **c**: how many captions are questions, or in the past, or say *I*?
#
# </details>

# %%
predict("09-domain", answer=None)

# %%
outside = translator.translate_many(source for source, _ in pairs)
for found, wanted in (
    (translator.translate_many(french), references),
    (outside, [target for _, target in pairs]),
):
    unknown = [odd for trace in found for odd in trace.unknown]
    print(f"{len(found)} sentences, unknown words: {100 * sum(unknown) / len(unknown):.0f} %")
    print(f"    BLEU {bleu([trace.text for trace in found], wanted):.1f}")
reveal("09-domain")

# %% [markdown]
# From 71 to 7. Every fifth word is unknown here, none was in the captions. Is that all? A dot marks the sentences of which every word is known:

# %%
for trace in outside:
    print(" " if any(trace.unknown) else "●", trace.text)
rare = ["dog", "not", "i", "was", "?", "tomorrow"]
print({word: translator.trg_vocab.ids.get(word) for word in rare})

# %% [markdown]
# None of the fifteen is right. And the four with the dot are no better, although the translator knows each of their words. A question becomes a statement; *je* is stuttered; *la Terre*, the Earth, is dirt; and
# *ne ... pas* is dropped, so that the last sentence says the opposite. The last two even read well. Nothing in them warns a reader who knows no French.
#
# The last line shows why. A vocabulary is ordered by frequency, the most frequent word first: *dog* has number 35, *not* 990, *I* 1,120, *was* 1,742, the question mark 2,413, and *tomorrow* none. Captions say what is there, and who took the picture, what was before and what is
# not there hardly come up. What the training text does not show is not learned, and a test on other captions cannot find it out.

# %% [markdown]
# ## Train your own
#
# `python -m s2s_lib.train fr-en` trains the shipped translator again, if you have Multi30k or let it be downloaded; it can be stopped with Ctrl-C and goes on when called again. `--help` lists the others.
#
# Your own parallel text is a table with two columns and a tab between them: one sentence pair a line, English first, as in the exports of Tatoeba. This cell makes one, with 3,000 of the numbers below 10,000 as French says them, without its hyphens. The target is in digits, with
# spaces between, so that each digit is a token.

# %%
ONES = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
ONES += ["onze", "douze", "treize", "quatorze", "quinze", "seize"]
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
TENS |= {80: "quatre vingt"}


def spoken(n):
    """Say a number below 100,000 in French."""
    for size, word in ((1000, "mille"), (100, "cent")):
        if n >= size:
            count = spoken(n // size).replace("vingts", "vingt") + " " if n >= 2 * size else ""
            many = "s" if size == 100 and n >= 200 and n % 100 == 0 else ""
            return f"{count}{word}{many}" + (f" {spoken(n % size)}" if n % size else "")
    if n < 20:
        return ONES[n] if n < 17 else f"dix {ONES[n - 10]}"
    ten = max(each for each in TENS if each <= n)
    if n == ten:
        return "quatre vingts" if n == 80 else TENS[ten]
    return TENS[ten] + (" et " if n - ten in (1, 11) and ten < 80 else " ") + spoken(n - ten)


# %%
folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "numbers.tsv"
shuffle = torch.Generator().manual_seed(0)
chosen = torch.randperm(10_000, generator=shuffle)[:3_000].tolist()
lines = [f"{' '.join(str(n))}\t{spoken(n)}" for n in chosen]
path.write_text("\n".join(lines), encoding="utf-8")
print(lines[0].replace("\t", "  <tab>  "))

# %% [markdown]
# `from_tsv` reads it, splits both sides into tokens, and keeps a tenth of the pairs to validate and a tenth to test. The rest is what you know from chapter 04:

# %%
corpus = corpora.from_tsv(path)
src_vocab, trg_vocab = Vocabs.of(corpus)
train = batches(corpus.train, src_vocab, trg_vocab, batch_size=64, generator=shuffle)
valid = batches(corpus.valid, src_vocab, trg_vocab, batch_size=100)
sizes = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1}
model = build_model(len(src_vocab), len(trg_vocab), attention="general", **sizes)
fit(model, train, valid, epochs=8, warmup=0.1, progress=False)
mine = Translator(model, src_vocab, trg_vocab)
written = mine.translate_many(pair.src for pair in corpus.test)
right = sum(analysis.words(trace) == pair.trg for trace, pair in zip(written, corpus.test, strict=True))
print(f"{len(corpus.train)} pairs to train, {len(corpus.test)} to test")
print(f"more than 90 % of the unseen numbers right: {'yes' if right > 270 else 'no'}")

# %% figure="Heatmap of your own translator on a French number of four digits: words as columns, digits as rows."
trace = mine.translate(spoken(2497))
plots.heatmap(trace).figure

# %% [markdown]
# Each digit looks at one word, and half of the words are looked at by none. The 9 needs three words, *quatre vingt dix*, and looks at *vingt* alone: the encoder reads in both directions, so that its state there knows the neighbours (chapter 02). What a digit looks at is
# not all that it depends on (chapter 07). Three seeds put the weights on the same words.
#
# ### Predict, then run
#
# The model knows all the words of `douze mille trois cents`, 12,300, and has never seen a number of five digits. Of 200 such numbers, how many does it get right?
#
# - **a** none, or next to none
# - **b** about half
# - **c** nearly all: it has learned how French counts
#
# <details><summary>Why each one tempts</summary>
#
# **a**: when did it learn to say `<eos>`? **b**: some of them look like numbers that it knows. **c**: there is no new word and no new rule.
#
# </details>

# %%
predict("09-numbers", answer=None)

# %%
large = torch.randint(10_000, 100_000, (200,), generator=shuffle).tolist()
written = ["".join(analysis.words(trace)) for trace in mine.translate_many(spoken(n) for n in large)]
right = sum(text == str(n) for text, n in zip(written, large, strict=True))
five = sum(len(text) == 5 for text in written)
print(f"more than 5 of 200 right: {'yes' if right > 5 else 'no'}")
print(f"five digits written more than 5 times: {'yes' if five > 5 else 'no'}")
reveal("09-numbers")

# %% [markdown]
# A high score on unseen sentences says something about sentences *like those of training*. It is the same lesson as with the captions: what the training text never shows, here a fifth digit, is not learned.
#
# Own text has errors. Where a tab is missing, the message names the file and the line:

# %%
broken = Path(folder.name) / "broken.tsv"
broken.write_text("two\tdeux\nthree\ttrois\nfour quatre\n", encoding="utf-8")
try:
    corpora.from_tsv(broken)
except ValueError as error:
    print(str(error).replace(str(broken), broken.name))
folder.cleanup()

# %% [markdown]
# ## What Transformers keep and change
#
# The Transformer (Vaswani et al. 2017) keeps most of what you have built: an encoder that leaves a vector for each word, a decoder that writes from `<sos>` to `<eos>` and learns with teacher forcing, scores and a masked softmax, a
# context that is a weighted mean, beam search, BLEU. It drops the recurrent network. Words look at the other words of their own sentence by attention, too, layer upon layer, so that in training all positions are computed at once. Since nothing is
# read in order any more, a code of the position is added to each word. The score is the dot product of chapter 04, divided by the square root of the dimension, and is taken several times side by side, with learned matrices as in
# *general*. And its words are mostly subwords.

# %%
progress("09")

# %% [markdown]
# ## Recap
#
# - A word outside of the vocabulary is `<unk>`; attention tells what to **copy** for it. That suits names.
# - A BLEU score belongs to its test set, its references and the program that counted. Compare only what shares all three.
# - A translator knows the kind of text it was trained on, and a test on the same kind cannot show what it does elsewhere.
#
# | name | shape | |
# |---|---|---|
# | `tokens` | T words | what the decoder said, `<unk>` included |
# | `weights` | (T, S) | row t: where it looked when it said word t |
# | `src` | S words | as typed, capitals included |
#
# This is the last chapter. You have built, piece by piece, what the first one showed.
#
# **Stretch (optional).** Translate something of your own: find or write a few hundred sentence pairs of one kind, recipes or weather reports, put them into a TSV file, and train. Which words become `<unk>`, and what does a sentence of another kind give?
