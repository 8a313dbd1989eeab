"""Measure how finely each modulus of the scattering transform must be sampled: where equation (3) of 01_scattering comes from.

    DACL_DATA=… python nbs/benchmarks/rates.py        writes nbs/benchmarks/results/scattering-rates.json (minutes)

For each wavelet, the modulus is taken at M points instead of N and everything else at the full rate, in float64. Of each M
the worst error is kept, over the signals and over the paths that go through the wavelet.
"""
import json, os
from datetime import datetime, timezone
from pathlib import Path

import numpy as np, torch

from dacl.data import CinC2017, _write, simulate
from dacl.scattering import band, ladder, lowpass, morlet, octave

N, FRONT, LENGTH, J = 16384, 3692, 9000, 8
FREQUENCIES = np.fft.fftfreq(N)
SIZES = sorted(m<<k for k in range(4, 11) for m in (8, 9, 10, 12, 14, 15))


def signals(data):
    "Simulated ECG, noise, chirps, impulses and 14 development recordings, (signals, LENGTH)"
    rng, eye, t = np.random.default_rng(0), np.eye(LENGTH), np.linspace(0, 1, LENGTH)
    x = [simulate(c, LENGTH/300, seed=s) for s,c in enumerate('NAO~NAO~NN')]
    x += [rng.standard_normal(LENGTH), np.sin((60*t)**2), np.sin((.5*t)**2*LENGTH*np.pi/2), eye[4500], eye[1234]+eye[1300]-eye[7000]]
    dev = data.split()[0]; order = dev[np.random.default_rng(3).permutation(len(dev))]
    return np.stack(x + [data[i][:LENGTH] for i in order if len(data[i]) >= LENGTH][:14]).astype(float)


def spectra(x):
    "Fourier transforms of the signals, continued by reflection to N samples"
    x = x - x.mean(1, keepdims=True)
    i = np.arange(-FRONT, N-FRONT) % (2*LENGTH-2)
    return torch.fft.fft(torch.tensor(x[:, np.minimum(i, 2*LENGTH-2-i)]))


def envelopes(X, p):
    "Spectra of |u| of one wavelet from M points, for each M, and from N"
    lo, hi = band(*p, 1e-6, 1e-6)
    def at(bins): return torch.fft.fft(torch.fft.ifft(X[:, bins%N]*torch.tensor(morlet(bins/N, *p))).abs())
    out = {}
    for M in SIZES:
        if hi - lo < M/N < .95:
            U = at(round((lo+hi)/2*N) - M//2 + np.arange(M)); out[M] = torch.zeros_like(X)
            out[M][:, :M//2], out[M][:, -M//2:] = U[:, :M//2], U[:, -M//2:]
    return out, at(np.arange(N))


def frames(U, φ):
    "The low-passed modulus, from its spectrum"
    return torch.fft.ifft(U*φ).real[:, FRONT:FRONT+LENGTH:16]


def errors(X, p, T):
    "First order: worst error over signals and paths at each M that every ψ₂ behind the wavelet leaves possible"
    sampled, exact = envelopes(X, p)
    after = [q for q in ladder(J, 1) if octave(*q) > octave(*p)]
    top, φ, worst = max([band(*q)[1] for q in after], default=0), torch.tensor(lowpass(FREQUENCIES, T)), {}
    for ψ in [None] + [torch.tensor(morlet(FREQUENCIES, *q)) for q in after]:
        path = lambda U: frames(U if ψ is None else torch.fft.fft(torch.fft.ifft(U*ψ).abs()), φ)
        D = path(exact)
        for M,U in sampled.items():
            if M/N > 2*top: worst[M] = max(worst.get(M, 0.), float(((path(U)-D).norm(dim=1)/D.norm(dim=1)).max()))
    return dict(order=1, sigma=p[1], last=not after, T=T, rate=[M/N for M in worst], error=list(worst.values()))


def errors2(X, q, first, T):
    "Second order: worst error over signals and the first-order wavelets `first` in front, at each M"
    φ, worst = torch.tensor(lowpass(FREQUENCIES, T)), {}
    for p in first:
        if octave(*q) <= octave(*p): continue
        U1 = torch.fft.fft(torch.fft.ifft(X*torch.tensor(morlet(FREQUENCIES, *p))).abs())
        sampled, exact = envelopes(U1, q); D = frames(exact, φ)
        for M,U in sampled.items(): worst[M] = max(worst.get(M, 0.), float(((frames(U, φ)-D).norm(dim=1)/D.norm(dim=1)).max()))
    return dict(order=2, sigma=q[1], last=True, T=T, rate=[M/N for M in worst], error=list(worst.values()))


if __name__ == '__main__':
    data = CinC2017(os.environ.get('DACL_DATA')); X = spectra(signals(data))
    wavelets = []
    for Q,every in ((2, 1), (8, 3)):
        first = ladder(J, Q)[::every]
        for T in (16, 256):
            wavelets += [dict(Q=Q) | errors(X, p, T) for p in first]
            wavelets += [dict(Q=Q) | w for q in ladder(J, 1) for w in [errors2(X, q, first, T)] if w['rate']]
            print(f'Q={Q}, T={T}: done', flush=True)
    out = dict(wavelets=wavelets, signals=len(X), digest=data.digest, seed=dict(noise=0, recordings=3), time=datetime.now(timezone.utc).isoformat(timespec='seconds'),
               versions=dict(torch=torch.__version__, numpy=np.__version__))
    _write(Path(__file__).parent/'results/scattering-rates.json', lambda f: f.write(json.dumps(out).encode()))
