"Make README.md from nbs/index.ipynb: its prose and outputs, with the pictures in index_files/."
import re
from execnb.nbio import read_nb
from nbconvert import MarkdownExporter
from nbdev.config import get_config

cfg = get_config(); nb = read_nb(cfg.nbs_path/'index.ipynb')
body, resources = MarkdownExporter(exclude_input=True).from_filename(str(cfg.nbs_path/'index.ipynb'), resources={'output_files_dir': 'index_files'})
body = re.sub(r'\]\((?:\d\d_)?([\w/]+)\.(?:ipynb|md)(#[\w-]+)?\)', rf']({cfg.doc_host}{cfg.doc_baseurl}/\1.html\2)', body)
caption, = re.findall(r'^#\| fig-cap: "(.*)"$', '\n'.join(c['source'] for c in nb.cells), re.M)
body = re.sub(r'!\[png\](\(.*?\))', rf'![The way of the signal]\1\n\n*{caption}*', body).replace('\n> ', '\n', 1)
text = '<!-- Made from nbs/index.ipynb by tools/readme.py -->\n\n' + re.sub(r'\n{3,}', '\n\n', re.sub(r'[ \t]+$', '', body, flags=re.M)).strip() + '\n'
(cfg.config_path/'README.md').write_text(text, encoding='utf-8')
for old in (cfg.config_path/'index_files').glob('*.png'): old.unlink()
for name,data in resources['outputs'].items():
    path = cfg.config_path/name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
