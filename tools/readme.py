"Make README.md from nbs/index.ipynb, with its pictures in index_files/."
import re
from nbconvert import MarkdownExporter
from nbdev.config import get_config

cfg = get_config()
body, resources = MarkdownExporter().from_filename(str(cfg.nbs_path/'index.ipynb'), resources={'output_files_dir': 'index_files'})
cells = re.sub(r'```python\n#\|\s*(hide|echo: false)\n.*?```\n', '', body, flags=re.S)     # cells whose code readers don't see
cells = re.sub(r'^#\|.*\n', '', cells, flags=re.M)
cells = re.sub(r'\]\(\d\d_(\w+)\.ipynb\)', rf']({cfg.doc_host}{cfg.doc_baseurl}/\1.html)', cells)
title, subtitle, rest = re.match(r'# (.*)\n\n> (.*)\n(.*)', cells.strip(), flags=re.S).groups()
text = f'<!-- Made from nbs/index.ipynb by tools/readme.py -->\n\n# {title}\n\n{subtitle}\n{rest}'
text = re.sub(r'\n{3,}', '\n\n', re.sub(r'[ \t]+$', '', text, flags=re.M)).strip() + '\n'
(cfg.config_path/'README.md').write_text(text, encoding='utf-8')
for name,data in resources['outputs'].items():
    path = cfg.config_path/name
    path.parent.mkdir(exist_ok=True); path.write_bytes(data)
