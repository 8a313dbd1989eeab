"""Open every page of the built site in headless Chromium, as a reader would, and say what is wrong.

    python tools/browse.py                       the site in _docs/
    python tools/browse.py DIR --shots FOLDER    another one; pictures of every page, wide, dark and narrow, to look at

Wrong is: an error on the console, a request to another host, a link or picture that leads nowhere, a picture without a caption, maths that is not
rendered, a page that has to be moved sideways at 400 px or weighs over 1 MB, a search that finds nothing. Chromium is the system's, or that
of `playwright install chromium`.
"""
import argparse, functools, http.server, shutil, sys, threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from playwright.sync_api import sync_playwright

LOOK = """() => {
  const scrolls = e => e && (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return {
    links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    images: [...document.images].filter(i => i.offsetParent && !i.naturalWidth).map(i => i.alt || i.src.slice(0, 80)),
    bare: [...document.querySelectorAll('.cell-output-display img, .cell-output-display > svg')].filter(i => !i.closest('figure')?.querySelector('figcaption')).map(i => i.alt || 'without a name'),
    maths: [...document.querySelectorAll('.math')].filter(m => !m.querySelector('.katex') || m.querySelector('.katex-error')).map(m => m.textContent.slice(0, 80)),
    wide: [...document.querySelectorAll('body *')].filter(e => e.offsetParent && e.getBoundingClientRect().width && e.getBoundingClientRect().right > innerWidth + 2 && !scrolls(e)).map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`).slice(0, 3),
    raw: [...document.querySelectorAll('main p, main li, main td')].filter(e => { const c = e.cloneNode(true); c.querySelectorAll('code, .math, .katex').forEach(k => k.remove()); return /\\]\\(|\\*\\*/.test(c.textContent) }).map(e => e.textContent.slice(0, 80)),
    sidebar: [...document.querySelectorAll('#quarto-sidebar a[href], nav.sidebar a[href], .sidebar a[href]')].map(a => a.href)}}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_): pass


def visit(page, url, host):
    "Open a page; what it holds, and what went wrong"
    wrong, hear = [], lambda m: wrong.append(f'console: {m.text}') if m.type == 'error' else None
    fail, ask = lambda e: wrong.append(f'script: {e}'), lambda r: None if r.url.startswith((host, 'data:')) else wrong.append(f'asks another host: {r.url}')
    for event,f in (('console', hear), ('pageerror', fail), ('request', ask)): page.on(event, f)
    page.goto(url, wait_until='load'); page.wait_for_timeout(150); seen = page.evaluate(LOOK)
    for event,f in (('console', hear), ('pageerror', fail), ('request', ask)): page.remove_listener(event, f)
    return seen, wrong + [f'picture without a caption: {b}' for b in seen['bare']] + [f'picture does not show: {i}' for i in seen['images']] + [f'maths is not rendered: {m}' for m in seen['maths']] + [f'raw Markdown: {r}' for r in seen['raw']]


def leads_nowhere(links, host, pages):
    "Internal links without a page or place"
    for link in sorted(set(links)):
        url, place = urldefrag(link)
        if not url.startswith(host): continue
        name = unquote(urlsplit(url).path).lstrip('/') or 'index.html'
        if name not in pages: yield f'link to {name}, which is not there'
        elif place and unquote(place) not in pages[name]['ids']: yield f'link to {name}#{unquote(place)}: no such place on that page'


def finds(page, host, term='fibrillation'):
    "Does the search find a term?"
    page.goto(host + 'index.html'); page.wait_for_timeout(300)
    page.keyboard.press('/'); page.wait_for_timeout(300)
    page.keyboard.type(term); page.wait_for_timeout(800)
    return page.evaluate("t => [...document.querySelectorAll('[role=option], .aa-Item, .search-result, .sd-search-result, #quarto-search-results a, .aa-Panel a')].filter(e => e.textContent.toLowerCase().includes(t)).length", term)


def browse(folder, shots):
    "What is wrong with a site: (page, what) pairs"
    server = http.server.ThreadingHTTPServer(('localhost', 0), functools.partial(Quiet, directory=folder)); threading.Thread(target=server.serve_forever, daemon=True).start()
    host, names = f'http://localhost:{server.server_port}/', sorted(str(p.relative_to(folder)) for p in folder.rglob('*.html'))
    out, pages = [], {}
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which('chromium') or shutil.which('google-chrome'), args=['--no-sandbox'])
        looks = dict(wide=dict(viewport=dict(width=1300, height=900)), dark=dict(viewport=dict(width=1300, height=900), color_scheme='dark'), narrow=dict(viewport=dict(width=400, height=800)))
        for look,how in looks.items():
            page = browser.new_page(**how)
            for name in names:
                seen, wrong = visit(page, host + name, host); out += [(f'{name} ({look})', w) for w in wrong]
                if look == 'wide': pages[name] = seen
                if look == 'narrow': out += [(name, f'too wide for 400 px: {w}') for w in seen['wide']]
                if shots:
                    path = shots/look/(name.replace('/', '_')[:-5] + '.png'); path.parent.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=path, full_page=look != 'dark')
            if look == 'wide' and not finds(page, host): out.append(('index.html', 'the search does not find "fibrillation"'))
            page.close()
        browser.close()
    for name,seen in pages.items():
        out += [(name, w) for w in leads_nowhere(seen['links'], host, pages)]
        if (kB := (folder/name).stat().st_size/1e3) > 1000: out.append((name, f'{kB:.0f} kB'))
    for link in {urldefrag(l)[0] for l in pages['index.html']['sidebar']}:
        if link.startswith(host) and link.removeprefix(host) not in pages: out.append(('sidebar', link))
    print(f"{len(pages)} pages, {sum(len(s['links']) for s in pages.values())} links, {len(pages['index.html']['sidebar'])} of them in the sidebar")
    return out


if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('folder', nargs='?', default='_docs', type=Path, help='the built site (default: _docs)')
    ap.add_argument('--shots', type=Path, help='folder for pictures')
    args = ap.parse_args()
    if not (args.folder/'index.html').exists(): sys.exit(f'{args.folder}: no site; python tools/docs.py builds it')
    wrong = browse(args.folder.resolve(), args.shots)
    for name,w in wrong: print(f'{name}: {w}')
    sys.exit(bool(wrong))
