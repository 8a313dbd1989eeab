"Make README.md from nbs/index.ipynb: its prose and outputs, with the pictures in index_files/."
import re
from nbconvert import MarkdownExporter
from nbdev.config import get_config

cfg = get_config()
body, resources = MarkdownExporter(exclude_input=True).from_filename(str(cfg.nbs_path/'index.ipynb'), resources={'output_files_dir': 'index_files'})
body = re.sub(r'\]\((?:\d\d_)?([\w/]+)\.(?:ipynb|md)\)', rf']({cfg.doc_host}{cfg.doc_baseurl}/\1.html)', body)
body = body.replace('\n> ', '\n', 1).replace('![png]', '![The way of the signal]')
text = '<!-- Made from nbs/index.ipynb by tools/readme.py -->\n\n' + re.sub(r'\n{3,}', '\n\n', re.sub(r'[ \t]+$', '', body, flags=re.M)).strip() + '\n'
(cfg.config_path/'README.md').write_text(text, encoding='utf-8')
for name,data in resources['outputs'].items():
    path = cfg.config_path/name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
