"""The course's experiments: the committed tables are theirs, whole, and what they measure is what it says."""

from itertools import product

import pandas as pd
import pytest
import tiny
import torch

from s2s_lib import corpora
from s2s_lib.corpora.parallel import ParallelCorpus, SentencePair
from s2s_lib.corpora.vocab import Vocabs
from s2s_lib.course.research import experiments
from s2s_lib.course.research.experiments import EXPERIMENTS, agreement, exact_by_length, gradient_by_distance, main
from s2s_lib.course.research.tables import TABLES, table
from s2s_lib.measuring.analysis import occlusion, words
from s2s_lib.measuring.grid import long
from s2s_lib.measuring.scores import bleu
from s2s_lib.model.encoder import build_bridge
from s2s_lib.model.seq2seq import build_model
from s2s_lib.translating.translator import Translator


def points(experiment):
    """Give every combination of settings and seed, as text."""
    return sorted(
        tuple(map(str, (*values, seed)))
        for grid in experiment.grids
        for values in product(*grid.values())
        for seed in experiment.seeds
    )


TRAINED = [name for name in EXPERIMENTS if name != "decoding"]


@pytest.mark.parametrize("name", [*TRAINED, "decoding"])
def test_the_committed_table_has_each_setting_and_seed_once(name):
    experiment = EXPERIMENTS[name]
    rows = table(name)[[*experiment.grids[0], "seed"]]
    assert sorted(tuple(map(str, row)) for row in rows.itertuples(index=False)) == points(experiment)
    assert len(experiment.seeds) >= 5 or name == "decoding"  # shipped translators: nothing is drawn


def test_no_table_is_left_from_an_experiment_that_is_gone():
    assert {path.stem for path in TABLES.glob("*.csv")} == set(EXPERIMENTS)


@pytest.mark.parametrize("name", TRAINED)
def test_shares_are_shares_and_every_run_learned_something(name):
    rows = table(name)
    shares = rows.filter(regex="^(exact|forced|free|accuracy|aer|agreement)")
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    assert (rows.perplexity > 1).all()
    last = long(rows, "loss", "epoch").query("epoch == epochs")
    assert (last.loss < rows.loss_1.reindex(last.index, fill_value=rows.loss_1.max())).all()


def test_parameters_in_the_table_are_those_of_the_models():
    rows = table("bottleneck").drop_duplicates(["attention", "hidden_size"])
    corpus = corpora.french(size="small")
    sizes = [*map(len, Vocabs.of(corpus))]
    for row in rows.itertuples():
        kind = None if row.attention == "none" else row.attention
        model = build_model(*sizes, attention=kind, embedding_dim=64, hidden_size=row.hidden_size, num_layers=1)
        assert sum(weight.numel() for weight in model.parameters()) == row.parameters


def test_a_shipped_translator_decodes_here_as_in_the_table():
    stored = table("decoding").query("translator == 'french-dot' and beam_size == 2 and length_penalty == 1")
    found = EXPERIMENTS["decoding"].run(seed=0, translator="french-dot", beam_size=2, length_penalty=1.0)
    for name in ("bleu", "chrf", "exact", "length_ratio", "log_prob"):
        assert stored[name].item() == pytest.approx(found[name], rel=1e-3)


@pytest.fixture(scope="module")
def cut():
    """Both corpora, cut short."""

    def shortened(parts):
        far = [pair for pair in parts.test if len(pair.src) == experiments.FAR][:2]
        return ParallelCorpus(parts.train[:128], parts.valid[:20], [*far, *parts.test[:10]], parts.tokenizers)

    return {"french": shortened(corpora.french(size="small")), "korean": shortened(corpora.korean())}


@pytest.fixture
def little(monkeypatch, cut):
    """Experiments on the short corpora, of one epoch."""
    monkeypatch.setattr(experiments.corpora, "french", lambda size: cut["french"])
    monkeypatch.setattr(experiments.corpora, "korean", lambda: cut["korean"])
    fit = experiments.fit
    monkeypatch.setattr(experiments, "fit", lambda *given, **options: fit(*given, **(options | {"epochs": 1})))


@pytest.mark.parametrize("name", TRAINED)
def test_each_setting_runs_and_measures_what_the_table_holds(name, little):
    experiment, stored = EXPERIMENTS[name], table(name)
    for grid in experiment.grids:
        settings = {setting: values[-1] for setting, values in grid.items()}
        found = experiment.run(seed=0, **settings)
        numbered = long(pd.DataFrame([found]), "loss", "epoch")
        assert len(numbered) == 1  # the epochs asked for here
        assert set(found) <= set(stored)
        assert stored.columns[0] == next(iter(settings))


@pytest.fixture
def histories(little, monkeypatch):
    """Train a model, and see its history in place of what is measured."""
    monkeypatch.setattr(experiments, "measured", lambda translator, corpus, history: {"history": history})

    def run(seed=0, corpus=None, **options):
        corpus = experiments.corpora.french(size="small") if corpus is None else corpus
        return experiments.trained(corpus, seed, "dot", **options)["history"]

    return run


def test_the_learning_rate_is_at_its_peak_after_a_tenth_of_the_steps(histories, cut):
    longer = ParallelCorpus(cut["french"].train * 10, *cut["french"][1:])
    rates = [step.learning_rate for step in histories(corpus=longer).steps]
    assert len(rates) == 20
    assert rates.index(max(rates)) == len(rates) // 10 - 1


@pytest.mark.parametrize("schedule", EXPERIMENTS["teacher-forcing"].grids[0]["schedule"])
def test_a_schedule_is_the_one_that_its_row_names(schedule, histories, monkeypatch):
    seen = []
    monkeypatch.setattr(experiments, "measured", lambda translator, corpus, history: seen.append(history) or {})
    EXPERIMENTS["teacher-forcing"].run(seed=0, schedule=schedule)
    first, last = (seen[0].steps[at].teacher_forcing for at in (0, -1))
    if schedule in experiments.SCHEDULES:
        assert first > 0.9
        assert last < 0.1
    else:
        assert first == last == float(schedule)


def test_the_seed_draws_weights_batches_dropout_and_coins(little, monkeypatch):
    """Each of the three that take the seed is handed it."""
    build, fit, read = experiments.build_model, experiments.fit, experiments.batches
    handed = []

    def built(*given, seed, **options):
        handed.append(seed)
        return build(*given, seed=seed, **options)

    def fitted(*given, seed, **options):
        handed.append(seed)
        return fit(*given, seed=seed, **options)

    def reading(*given, generator=None, **options):
        if generator is not None:
            handed.append(generator.initial_seed())
        return read(*given, generator=generator, **options)

    for name, spy in (("build_model", built), ("fit", fitted), ("batches", reading)):
        monkeypatch.setattr(experiments, name, spy)
    for seed in (3, 4):
        handed.clear()
        EXPERIMENTS["bottleneck"].run(seed=seed, attention="none", hidden_size=8)
        assert handed == [seed] * 3


def test_the_small_model_learns_with_dropout():
    model, batch = experiments.small_model(tiny.SRC_VOCAB, tiny.TRG_VOCAB, 0, "dot").train(), tiny.batch()
    assert not torch.equal(model(batch), model(batch))


def test_a_reversed_source_is_read_from_its_last_word(little, monkeypatch):
    seen = []
    monkeypatch.setattr(experiments, "trained", lambda corpus, *given, **options: seen.append(corpus) or {})
    for source in ("forward", "reversed"):
        EXPERIMENTS["reversed"].run(seed=0, bidirectional=False, source=source)
    forward, backward = (corpus.train[0] for corpus in seen)
    assert backward.src == forward.src[::-1] != forward.src
    assert backward.trg == forward.trg
    assert seen[0].tokenizers == seen[1].tokenizers


def test_only_the_bridge_grows_with_the_room(little, monkeypatch):
    """One network in all the table but for R numbers on their way into the decoder."""
    plain, asked = experiments.build_model, []

    def build(*vocabs, bridge_size, **options):  # holds whether or not build_model itself knows the option
        asked.append((bridge_size, options))
        model = plain(*vocabs, **options)
        model.encoder.bridge = build_bridge(2 * options["hidden_size"], options["hidden_size"], bridge_size)
        return model

    monkeypatch.setattr(experiments, "build_model", build)
    parameters = {}
    for attention, score in (("none", None), ("dot", "dot")):
        for bridge_size in (2, 64):
            row = EXPERIMENTS["room"].run(seed=0, attention=attention, bridge_size=bridge_size)
            parameters[attention, bridge_size] = row["parameters"]
            assert asked[-1][0] == bridge_size
            assert asked[-1][1]["attention"] == score
        assert parameters[attention, 64] - parameters[attention, 2] == 62 * (2 * 128 + 1 + 128)
    others = [{name: value for name, value in options.items() if name != "attention"} for _, options in asked]
    assert others == others[:1] * 4


@pytest.mark.parametrize("attention", ["none", "dot"])
def test_where_a_model_looks_is_measured_only_if_it_looks(attention, little):
    row = EXPERIMENTS["bottleneck"].run(seed=0, attention=attention, hidden_size=16)
    assert [row[name] is None for name in ("aer", "entropy", "agreement")] == [attention == "none"] * 3


def test_exact_translations_stand_under_the_shortest_length_of_their_group():
    """Lengths on both sides of each border, in an order of their own; a group without a sentence stays empty."""
    translator = tiny.translator()
    right, wrong = (translator.translate("a", forced=word) for word in "xy")
    lengths = [21, 5, 6, 10, 1, 11, 40]
    pairs = [SentencePair(("a",) * length, ("x",)) for length in lengths]
    traces = [right if length in (5, 6, 11, 40) else wrong for length in lengths]
    assert exact_by_length(traces, pairs) == {
        "exact_from_1": 1 / 2,
        "exact_from_6": 1 / 2,
        "exact_from_11": 1.0,
        "exact_from_16": None,
        "exact_from_21": 1 / 2,
    }


def test_agreement_counts_the_words_that_look_where_they_hurt_most():
    """Word by word, each source word taken away by hand; over models that agree with themselves now and then."""
    pairs = [SentencePair(tuple("abca"), tuple("xyz")), SentencePair(tuple("cb"), tuple("zxyx"))]
    shares = []
    for seed in range(6):
        translator, same = tiny.translator("dot", seed=seed), []
        for pair in pairs:
            drops, full = occlusion(translator, pair.src, pair.trg), translator.translate(pair.src, forced=pair.trg)
            for t in range(len(pair.trg)):  # without the row of <eos>
                felt = max(range(len(pair.src)), key=lambda s: drops[t, s].item())
                seen = max(range(len(pair.src)), key=lambda s: full.weights[t, s].item())
                same.append(felt == seen)
        assert agreement(translator, pairs) == sum(same) / 7
        shares.append(sum(same) / 7)
    assert len(set(shares)) > 2


@pytest.fixture
def decoded(monkeypatch):
    """The decoding experiment over a few sentences, with random weights that write much or little."""
    translator = tiny.translator("general", seed=1)
    test = [SentencePair(tuple(src), tuple("xyz")) for src in ("abc", "ca", "b", "aabb", "cbac")]
    monkeypatch.setattr(experiments.corpora, "french", lambda: ParallelCorpus([], [], test))
    monkeypatch.setattr(experiments.Translator, "load", lambda name: translator)

    def run(beam_size, length_penalty):
        row = EXPERIMENTS["decoding"].run(0, "french-general", beam_size, length_penalty)
        return {name: value for name, value in row.items() if name != "cpu_seconds"}

    return translator, test, run


def test_decoding_is_measured_with_the_beam_and_the_penalty_that_stand_in_its_row(decoded):
    """Each pair of settings gives the numbers of its own translations, and both settings matter here."""
    translator, test, run = decoded
    rows = {}
    for beam_size, length_penalty in ((1, 1.0), (3, 0.0), (3, 2.0)):
        row = run(beam_size, length_penalty)
        traces = [translator.translate(pair.src, beam_size, length_penalty=length_penalty) for pair in test]
        assert row["log_prob"] == pytest.approx(sum(trace.log_prob for trace in traces) / 5, abs=1e-4)
        assert row["length_ratio"] == pytest.approx(sum(len(words(trace)) for trace in traces) / 15)
        assert row["bleu"] == pytest.approx(bleu([trace.text for trace in traces], ["x y z"] * 5))
        rows[beam_size, length_penalty] = row
    assert rows[3, 2.0]["length_ratio"] > rows[3, 0.0]["length_ratio"]
    assert rows[1, 1.0] != rows[3, 0.0]


def test_gradient_is_given_by_distance_from_the_end(little):
    """An encoder that reads from right to left only would turn this round; here the last words are nearest."""
    corpus = experiments.corpora.french(size="small")
    vocabs = Vocabs.of(corpus)
    sizes = {"embedding_dim": 8, "hidden_size": 8, "num_layers": 1}
    model = build_model(*map(len, vocabs), attention=None, bidirectional=False, **sizes)
    norms = gradient_by_distance(Translator(model, *vocabs), corpus.test)
    assert len(norms) == experiments.FAR
    assert norms[0] > 10 * norms[-1] > 0


def test_the_command_fills_a_table_and_goes_on_with_it(tmp_path, monkeypatch, capsys):
    calls = []

    def run(seed, letter):
        calls.append((seed, letter))
        return {"score": seed + len(letter) / 3}

    monkeypatch.setitem(EXPERIMENTS, "tiny", experiments.Experiment(run, ({"letter": ["a", "bb"]}, {"letter": ["c"]})))
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        main(["tiny", "--jobs", "1"])
        assert "15 rows in runs" in capsys.readouterr().out
    assert len(calls) == len(set(calls)) == 15
    assert pd.read_csv("runs/tiny.csv").query("letter == 'bb'").score.iloc[0] == pytest.approx(2 / 3, rel=1e-5)


def test_an_unknown_table_is_told_which_there_are():
    with pytest.raises(FileNotFoundError, match="teacher-forcing"):
        table("attentoin")


def test_long_turns_numbered_columns_into_rows_and_leaves_the_rest():
    wide = pd.DataFrame({"kind": ["a", "b"], "loss_1": [3.0, 4.0], "loss_2": [1.0, None], "loss_all": [9, 9]})
    tidy = long(wide, "loss", "epoch")
    assert tidy.to_dict("records") == [
        {"kind": "a", "loss_all": 9, "epoch": 1, "loss": 3.0},
        {"kind": "b", "loss_all": 9, "epoch": 1, "loss": 4.0},
        {"kind": "a", "loss_all": 9, "epoch": 2, "loss": 1.0},
    ]


def test_the_random_state_of_the_caller_is_left_alone(little):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    EXPERIMENTS["bottleneck"].run(seed=1, attention="dot", hidden_size=32)
    assert torch.equal(torch.get_rng_state(), before)
