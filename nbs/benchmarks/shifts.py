"""Score the shipped encoder on the test split as other devices would have recorded it: another rate, unit, polarity, mains hum, length.

    DACL_DATA=… python nbs/benchmarks/shifts.py        writes nbs/benchmarks/results/shifts.json (some 20 minutes on one thread)

Nothing is chosen here: the model is what `DACL.from_pretrained()` loads. Each row has its difference to the recordings as they
are, with a 95 % interval paired by recording.
"""
import os
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from dacl.benchmark import in_order, paired, versions, write_json
from dacl.data import CinC2017, resample
from dacl.estimator import DACL
from dacl.evaluation import auroc, f1

hum = lambda f,mv: lambda x: (x + mv*np.sin(2*np.pi*f*np.arange(len(x))/300 + len(x)), 300)
SHIFTS = {'as it is': lambda x: (x, 300)} | {f'{r} Hz': lambda x,r=r: (resample(x, 300, r), r) for r in (125, 200, 250, 360, 500, 1000)} | {
    'in µV': lambda x: (1000*x, 300), 'a tenth as large': lambda x: (x/10, 300), 'offset of 5 mV': lambda x: (x+5, 300), 'inverted lead': lambda x: (-x, 300),
    'mains hum, 50 Hz, 0.05 mV': hum(50, .05), 'mains hum, 60 Hz, 0.05 mV': hum(60, .05), 'mains hum, 50 Hz, 0.2 mV': hum(50, .2)} | {
    f'the first {s} s': lambda x,s=s: (x[:300*s], 300) for s in (20, 15, 10, 5)}

if __name__ == '__main__':
    ds, model = CinC2017(os.environ.get('DACL_DATA')), DACL.from_pretrained()
    test = ds.split()[1]; y, rows, af = ds.labels[test], [], lambda y,p: auroc(y, p, 'af')
    for name,shift in SHIFTS.items():
        X, fs = zip(*(shift(ds[i]) for i in test))
        p = in_order(model.predict_proba(X, fs, ds.names[test]), model.classes_)
        if not rows: first = p
        rows.append(dict(name=name, af=auroc(y, p, 'af'), challenge_f1=f1(y, p)['challenge'], difference=paired(af, y, p, first)))
        print(f"{name:28} {rows[-1]['af']:.4f}  {rows[-1]['difference'][0]:+.4f}", flush=True)
    write_json(Path(__file__).parent/'results/shifts.json', dict(rows=rows, recordings=len(test), data_digest=ds.digest, versions=versions(), time=datetime.now(timezone.utc).isoformat(timespec='seconds')))
