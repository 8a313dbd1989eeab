"""Build the site: nbdev processes the notebooks, then quarto renders them, or smalldocs where quarto is missing.

    python tools/docs.py              into _docs/
    python tools/docs.py --out DIR    somewhere else
"""
import argparse, json, re, shutil, subprocess, sys
from pathlib import Path
from nbdev.config import get_config
from nbdev.serve import proc_nbs


def plain_signatures(path):
    "nbdev makes links of names in signatures too, where a page shows them as they are written: keep the names"
    nb = json.loads(path.read_text())
    for data in (o['data'] for c in nb['cells'] for o in c.get('outputs', []) if 'text/markdown' in o.get('data', {})):
        name = lambda code: re.sub(r'\[(`[^`\]]+`)\]\([^)]*\)', r'\1', code[0])
        data['text/markdown'] = re.sub(r'```python.*?```', name, ''.join(data['text/markdown']), flags=re.S)
    path.write_text(json.dumps(nb))


def build(out):
    "Render every notebook into `out`"
    proc = Path(proc_nbs())
    for path in proc.rglob('*.ipynb'): plain_signatures(path)
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
