"""What a training costs on one machine: processor time of DACL and of the networks on samples, one after the other, again and again.

    DACL_DATA=… python nbs/benchmarks/cost.py        writes nbs/benchmarks/results/cost.json (some 15 minutes on one thread)

Each model is fitted to a few recordings with few and with more passes. What the two differ by is what a pass costs a recording;
the rest is what comes before and after the passes. Rounds are kept apart, so that what is compared was timed side by side. From both follow the processor minutes of a fold of all recordings.
"""
import os, time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from sklearn.base import clone

from dacl.benchmark import STUDIES, made, write_json
from dacl.data import CinC2017
from dacl.estimator import DACL

N, PASSES, ROUNDS, MODELS = 384, (4, 12), 3, ('dacl', 'dacl-long', 'scattering', 'scattering-supervised', 'raw-supcon', 'raw-noise', 'raw-supervised')
passes = lambda model: (model.config.encoder if isinstance(model, DACL) else model.config).epochs

def with_passes(model, n): # The same model, trained for `n` passes
    new, c = clone(model), model.config
    new.config = replace(c, encoder=replace(c.encoder, epochs=n)) if isinstance(model, DACL) else replace(c, epochs=n)
    return new

def seconds(model, ds, i): # Processor time of a fit
    start = time.process_time(); model.fit([ds[j] for j in i], ds.labels[i], fs=ds.fs, names=ds.groups[i])
    return time.process_time() - start

def row(k, taken, fold): # Seconds a recording of both fits, round by round, (rounds, 2) → what is kept of a model
    few, more = np.transpose(taken); a_pass = (more - few)/(PASSES[1] - PASSES[0]); rest = few - PASSES[0]*a_pass; n = passes(STUDIES['models'][k])
    minutes = {p: float(np.median(fold*(rest + p*a_pass)/60)) for p in sorted({12, n, 60})}
    return dict(name=k, ms_a_pass=(a_pass*1e3).tolist(), ms_rest=(rest*1e3).tolist(), passes=n, minutes=minutes, rounds=taken)

if __name__ == '__main__':
    torch.set_num_threads(1)
    ds = CinC2017(os.environ.get('DACL_DATA')); train = ds.folds(5)[0][0]; i = np.sort(np.random.default_rng(0).permutation(train)[:N])
    taken = {k: [] for k in MODELS}
    for r in range(ROUNDS):
        for k in MODELS:
            taken[k].append([seconds(with_passes(STUDIES['models'][k], n), ds, i)/N for n in PASSES])
            print(r, k, taken[k][-1], flush=True)
    rows = [row(k, t, len(train)) for k,t in taken.items()]
    write_json(Path(__file__).parent/'results/cost.json', dict(rows=rows, recordings=N, fold=len(train), data_digest=ds.digest) | made())
