/// A page that shows `/openapi.json`; it loads nothing from anywhere else.
enum DocsPage {
    /// Scripts and styles are those in the page, data comes from this server.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static let html = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Signalbox API</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>
        body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
        color:#1b1f24;background:#fff}
        h2{margin-top:2.5rem;border-bottom:1px solid #d5dae0;text-transform:capitalize}
        details{border:1px solid #d5dae0;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
        summary{cursor:pointer}code,pre{font:13px/1.45 ui-monospace,monospace}
        pre{background:#f5f7f9;padding:.6rem;overflow:auto;border-radius:4px}
        .m{display:inline-block;min-width:4.2rem;font-weight:600}table{border-collapse:collapse}
        td,th{text-align:left;padding:.1rem .8rem .1rem 0;vertical-align:top}
        @media(prefers-color-scheme:dark){body{color:#dfe4ea;background:#14171a}pre{background:#20252a}\
        details,h2{border-color:#3a424a}}
        </style></head><body><h1>Signalbox API</h1>
        <p>Machine-readable: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
        <main id="main">Loading…</main>
        <script>
        const el=(tag,text,parent)=>{const e=document.createElement(tag);\
        if(text!=null)e.textContent=text;if(parent)parent.append(e);return e};
        const json=value=>JSON.stringify(value,null,2);
        fetch("/openapi.json").then(r=>r.json()).then(api=>{
          const main=document.getElementById("main");main.textContent="";
          const schema=s=>s&&s.$ref?api.components.schemas[s.$ref.split("/").pop()]:s;
          for(const tag of api.tags){
            const calls=[];
            for(const [path,item] of Object.entries(api.paths))
              for(const [method,op] of Object.entries(item))
                if(op.tags.includes(tag.name))calls.push([path,method,op]);
            if(!calls.length)continue;
            el("h2",tag.name,main);
            for(const [path,method,op] of calls){
              const box=el("details",null,main),head=el("summary",null,box);
              el("span",method.toUpperCase(),head).className="m";el("code",path,head);
              el("span"," — "+op.summary,head);
              if(op.parameters){
                const table=el("table",null,el("div",null,box));
                for(const p of op.parameters){
                  const row=el("tr",null,table);el("code",p.name,el("td",null,row));
                  el("td",p.in+(p.required?", required":""),row);
                  el("td",p.description||"",row);el("code",json(p.schema),el("td",null,row));
                }
              }
              if(op.requestBody)for(const [type,c] of Object.entries(op.requestBody.content)){
                el("div","Body: "+type,box);el("pre",json(schema(c.schema)),box);
              }
              for(const [status,r] of Object.entries(op.responses)){
                el("div",status+" "+r.description,box);
                if(status<"300"&&r.content)for(const [type,c] of Object.entries(r.content))
                  el("pre",type+"\\n"+json(schema(c.schema)),box);
              }
            }
          }
        }).catch(e=>{document.getElementById("main").textContent="Cannot load: "+e});
        </script></body></html>

        """
}
