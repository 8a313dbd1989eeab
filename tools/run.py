"""Run notebooks from a clean kernel and save their outputs.

    python tools/run.py                       every notebook under nbs/, but for cells flagged slow, cuda or data
    python tools/run.py --data 00_data        one notebook, with its cells that need the data
    python tools/run.py --slow                every notebook, with those and the slow ones: hours
    python tools/run.py --check models        save nothing; fail if a text or a table comes out otherwise than it was saved

`--data` and `--slow` read the data where DACL_DATA says. A cell that is not run keeps the output that it has. A notebook that fails keeps all of them, and the exit code is 1.
"""
import argparse, base64, io, os, sys, time
from pathlib import Path

os.environ['TQDM_DISABLE'] = '1'  # progress bars belong on a terminal, not on a page
from execnb.nbio import read_nb, write_nb
from execnb.shell import CaptureShell
from fastcore.xtras import working_directory
from nbdev.clean import clean_nb
from nbdev.config import get_config
from nbdev.process import NBProcessor
from PIL import Image


def shrink(nb):
    "Reduce the pictures to 256 colours, rare ones kept: a third of the size, and no difference that an eye sees"
    for data in (o['data'] for c in nb.cells for o in c.get('outputs', []) if 'image/png' in o.get('data', {})):
        out, raw = io.BytesIO(), base64.b64decode(data['image/png'])
        Image.open(io.BytesIO(raw)).convert('RGB').quantize(256, Image.Quantize.MAXCOVERAGE).save(out, 'png', optimize=True)
        if out.tell() < len(raw): data['image/png'] = base64.b64encode(out.getvalue()).decode()


def texts(nb):
    "What the cells of a notebook say in words and tables, by cell"
    said = lambda o: ''.join(o.get('data', {}).get('text/markdown', o.get('text', '')))
    return {c.id: ''.join(map(said, c.get('outputs', []))) for c in nb.cells}


def run(path, skip, check=False):
    "Run one notebook; `skip` are the flags of the cells to leave alone; `check` compares with what is saved, and saves nothing"
    nb, start = read_nb(path), time.time()
    saved = texts(nb)
    flags = {c.id: set(c.directives_ or {}) for c in NBProcessor(path, process=True).nb.cells if c.cell_type == 'code'}
    shell = CaptureShell(path, mpl_format='png')
    def leave(cell): return cell.cell_type != 'code' or bool(flags[cell.id] & skip) or 'nbdev_export(' in cell.source
    for c in nb.cells:
        if not leave(c): c.outputs = []    # a cell that says nothing any more would keep what it said
    with working_directory(path.parent):
        try: shell.run_all(nb, exc_stop=True, preproc=leave)
        except Exception: print(shell.prettytb(fname=path), file=sys.stderr)
    if shell.exc: return False
    for i in (c.id for c in nb.cells if c.cell_type == 'code' and 'print(' in c.source and c.source.rstrip().endswith(';')):
        print(f'{path.name}, cell {i}: what it prints is lost by the ; at its end; write _ = before its last line', file=sys.stderr); return False
    if check:
        stale = [i for i,t in texts(nb).items() if t != saved[i]]
        for i in stale: print(f'{path.name}, cell {i}: saved\n{saved[i]}\nand now\n{texts(nb)[i]}\nRun tools/run.py {path.stem}', file=sys.stderr)
        return not stale
    shrink(nb)
    clean_nb(nb)
    write_nb(nb, path)
    print(f'{path.name}: {time.time()-start:.0f} s, {path.stat().st_size/1e3:.0f} kB', flush=True)
    return True


if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('names', nargs='*', help='notebooks, such as 00_data; all by default')
    ap.add_argument('--data', action='store_true', help='run cells that need the data, too')
    ap.add_argument('--slow', action='store_true', help='run these and the slow ones, too')
    ap.add_argument('--check', action='store_true', help='save nothing; fail if words or tables come out otherwise')
    args, cfg = ap.parse_args(), get_config()
    paths = [p for p in sorted(cfg.nbs_path.rglob('*.ipynb')) if '.ipynb_checkpoints' not in p.parts and (not args.names or p.stem in args.names)]
    if unknown := set(args.names) - {p.stem for p in paths}: ap.error(f"no notebook {', '.join(sorted(unknown))} under {cfg.nbs_path}")
    if (args.data or args.slow) and not os.environ.get('DACL_DATA'): ap.error('DACL_DATA must name the folder of the data')
    skip = set(cfg.tst_flags.split()) - set(['data']*(args.data or args.slow) + ['slow']*args.slow)
    sys.path.insert(0, str(cfg.config_path))
    sys.exit(0 if all([run(p, skip, args.check) for p in paths]) else 1)
