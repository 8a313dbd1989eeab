"""Build the site: nbdev processes the notebooks, then quarto renders them, or smalldocs where quarto is missing.

    python tools/docs.py              into _docs/
    python tools/docs.py --out DIR    somewhere else
    python tools/docs.py --serve      and show it at http://localhost:8000

A warning of the renderer, or a page of the sidebar that was not made, is an error.
"""
import argparse, functools, http.server, importlib, json, re, shutil, subprocess, sys, tarfile
from pathlib import Path

import pooch
from nbdev.config import get_config
from nbdev.serve import proc_nbs

KATEX = 'https://registry.npmjs.org/katex/-/katex-0.16.11.tgz', 'sha256:8c5494c5f7d8e8bf73ff3fe64d4bd09a340e4878b7eec9bbd9ef8d8f3e24193f'


def show_internal(nb, original):
    "The source of what is exported and not public (`exporti`), which nbdev leaves out of a page"
    place, at = len(nb['cells']), {c.get('id'): i for i,c in enumerate(nb['cells'])}
    for c in reversed(original['cells']):
        code = ''.join(c['source'])
        place = at.get(c['id'], place)
        if c['id'] not in at and code.startswith('#| exporti\n'):
            source = '#| code-fold: show\n#| code-summary: "Source, not public"\n' + code.split('\n', 1)[1]
            nb['cells'].insert(place, dict(cell_type='code', id=c['id'], metadata={}, execution_count=None, outputs=[], source=source))


def plain_if_internal(m):
    "nbdev makes links of all exported names in backticks; those that are not public have no place on a page"
    module = importlib.import_module(f'dacl.{m[3]}')
    return m[0] if m[4].split('.')[0] in {n.lower() for n in module.__all__} else m[1]


def prepare_page(path, root, cfg):
    "A notebook as the site wants it: addresses without numbers, links within the site relative, and where to run it"
    nb, up = json.loads(path.read_text()), '../'*len(path.parent.relative_to(root).parts)
    show_internal(nb, json.loads((cfg.nbs_path/path.relative_to(root)).read_text()))
    site, source = re.escape(f'{cfg.doc_host}{cfg.doc_baseurl}/'), f"{path.relative_to(root)}"
    def links(s):
        s = re.sub(rf'\]\({site}', f']({up}', re.sub(r'(\]\([\w./]*?)\d\d_(\w+\.ipynb)', r'\1\2', s))
        return re.sub(r'\[(`[^`]+`)\]\(((?:\.\./)*)([a-z]+)\.html#([\w.]+)\)', plain_if_internal, s)
    for c in nb['cells']:
        if c['cell_type'] != 'code': c['source'] = links(''.join(c['source']))
        for data in (o['data'] for o in c.get('outputs', []) if 'text/markdown' in o.get('data', {})):
            # nbdev makes links of names in signatures too, where a page shows them as they are written
            name = lambda code: re.sub(r'\[(`[^`\]]+`)\]\([^)]*\)', r'\1', code[0])
            data['text/markdown'] = links(re.sub(r'```python.*?```', name, ''.join(data['text/markdown']), flags=re.S))
    head = nb['cells'][0]
    head['source'] = re.sub(r'^output-file:.*\n', '', head['source'], flags=re.M)
    repo = cfg.git_url.split('github.com/')[1]
    where = {'Colab': f'https://colab.research.google.com/github/{repo}/blob/{cfg.branch}/nbs/{source}',
             'Binder': f'https://mybinder.org/v2/gh/{repo}/{cfg.branch}?labpath=nbs/{source}', 'source': f'{cfg.git_url}/blob/{cfg.branch}/nbs/{source}'}
    if any(c['cell_type'] == 'code' for c in nb['cells']):
        nb['cells'].insert(1, dict(cell_type='markdown', id='where', metadata={}, source='Run this page: ' + ' · '.join(f'[{k}]({v})' for k,v in where.items())))
    path.write_text(json.dumps(nb))
    path.rename(path.with_name(re.sub(r'^\d\d_', '', path.name)))


def prepare(cfg):
    "The folder that is rendered"
    shutil.rmtree(cfg.config_path/'_proc', ignore_errors=True)
    proc = Path(proc_nbs())
    for path in sorted(proc.rglob('*.ipynb')): prepare_page(path, proc, cfg)
    for name in ('CHANGELOG', 'CONTRIBUTING'): shutil.copy(cfg.config_path/f'{name}.md', proc/f'{name.lower()}.md')
    quarto = proc/'_quarto.yml'
    quarto.unlink(missing_ok=True)  # a link that leads elsewhere from here
    quarto.write_text(re.sub(r'\b\d\d_(\w+\.ipynb)', r'\1', (cfg.config_path/'_quarto.yml').read_text()))
    return proc


def self_contained(out):
    "KaTeX beside the pages, and the system's fonts: no page asks another host for anything"
    for css in out.rglob('*.css'): css.write_text(re.sub(r'@import url\(https://fonts[^)]*\);', '', css.read_text()))
    url, sha256 = KATEX
    try: archive = pooch.retrieve(url, sha256, path=pooch.os_cache('dacl'))
    except OSError as e: print(f'KaTeX is not at hand: {url} ({type(e).__name__}); these pages ask a CDN for their maths', file=sys.stderr); return
    with tarfile.open(archive) as tar:
        for m in tar.getmembers():
            name = m.name.removeprefix('package/dist/')
            if re.fullmatch(r'katex\.min\.(js|css)|contrib/auto-render\.min\.js|fonts/.*\.woff2', name):
                (out/'katex'/name).parent.mkdir(parents=True, exist_ok=True); (out/'katex'/name).write_bytes(tar.extractfile(m).read())
    for page in out.rglob('*.html'):
        up = '../'*len(page.parent.relative_to(out).parts)
        page.write_text(re.sub(r'https://cdn\.jsdelivr\.net/npm/katex@[\d.]+/dist', f'{up}katex', page.read_text()))


def build(out):
    "Render every notebook into `out`; return what went wrong"
    cfg = get_config(); proc = prepare(cfg)
    if shutil.which('quarto'): subprocess.run(['quarto', 'render', '--no-execute', '-M', 'html-math-method:katex'], cwd=proc, check=True); wrong = []
    else:
        r = subprocess.run([Path(sys.executable).with_name('smalldocs'), 'render', '.'], cwd=proc, check=True, stderr=subprocess.PIPE, text=True)
        wrong = [l for l in r.stderr.splitlines() if l.startswith('warning')]
    shutil.rmtree(out, ignore_errors=True)
    shutil.move(proc/'_docs', out)
    self_contained(out)
    pages = sorted(str(p.relative_to(out)) for p in out.rglob('*.html'))
    print(f'{len(pages)} pages in {out}')
    wanted = re.findall(r'^\s*(?:- |href: )(\S+)\.(?:ipynb|md)$', (proc/'_quarto.yml').read_text(), re.M)
    return wrong + [f'{n}.html was not made' for n in wanted if f'{n}.html' not in pages]


if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--out', default='_docs', type=Path, help='where the site goes (default: _docs)')
    ap.add_argument('--serve', action='store_true', help='show it at http://localhost:8000')
    args = ap.parse_args(); out = args.out.resolve()
    if wrong := build(out): sys.exit('\n'.join(wrong))
    if args.serve:
        print('http://localhost:8000, until Ctrl-C')
        try: http.server.ThreadingHTTPServer(('localhost', 8000), functools.partial(http.server.SimpleHTTPRequestHandler, directory=out)).serve_forever()
        except KeyboardInterrupt: pass
