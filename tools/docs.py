"""Build the site: nbdev processes the notebooks, then quarto renders them, or smalldocs where quarto is missing.

    python tools/docs.py              into _docs/
    python tools/docs.py --out DIR    somewhere else
"""
import argparse, shutil, subprocess, sys
from pathlib import Path
from nbdev.config import get_config
from nbdev.serve import proc_nbs


def build(out):
    "Render every notebook into `out`"
    proc = Path(proc_nbs())
    quarto = proc/'_quarto.yml'
    quarto.unlink(missing_ok=True)  # a link that leads elsewhere from here
    shutil.copy(get_config().config_path/'_quarto.yml', quarto)
    render = ['quarto', 'render', '--no-execute'] if shutil.which('quarto') else [Path(sys.executable).with_name('smalldocs'), 'render', '.']
    subprocess.run(render, cwd=proc, check=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.move(proc/'_docs', out)
    pages = sorted(p.name for p in out.glob('*.html'))
    print(f'{len(pages)} pages in {out}:', *pages)
    names = [p.stem for p in get_config().nbs_path.glob('*.ipynb')]
    return [n for n in names if not {f'{n}.html', n.split('_', 1)[-1] + '.html'} & set(pages)]


if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--out', default='_docs', type=Path, help='where the site goes (default: _docs)')
    missing = build(ap.parse_args().out.resolve())
    sys.exit(f'not rendered: {missing}' if missing else 0)
