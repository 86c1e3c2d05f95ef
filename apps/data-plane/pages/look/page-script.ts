/**
 * The script of our pages, some 2 KB: without it everything works but passkeys. A form is sent once;
 a passkey's answer is put into the form
 * and sent like anything else. `data-options` says where the questions for passkeys come from.
 */
export const PAGE_SCRIPT = `(()=>{const d=document,q=s=>d.querySelector(s)
addEventListener('submit',e=>{const f=e.target;if(f.dataset.sent)return e.preventDefault();f.dataset.sent=1
setTimeout(()=>f.querySelectorAll('button').forEach(b=>b.disabled=true))})
addEventListener('pageshow',e=>{if(e.persisted)d.querySelectorAll('form').forEach(f=>{delete f.dataset.sent;
f.querySelectorAll('button').forEach(b=>b.disabled=false)})})
const lang=q('.under select');if(lang){lang.onchange=()=>lang.form.requestSubmit();lang.form.querySelector('button').hidden=true}
const f=q('form[data-options]');if(!f||!window.PublicKeyCredential)return
const dec=s=>Uint8Array.from(atob(s.replace(/-/g,'+').replace(/_/g,'/')),c=>c.charCodeAt(0)),
enc=b=>btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\\+/g,'-').replace(/\\//g,'_').replace(/=/g,'')
let stop;const ask=async body=>{const r=await fetch(f.dataset.options,{method:'POST',headers:{'content-type':'application/json'},
body:JSON.stringify(body)});if(!r.ok)throw r;return r.json()}
const ids=l=>(l||[]).map(c=>({...c,id:dec(c.id)})),body=()=>f.dataset.ask?JSON.parse(f.dataset.ask):f.dataset.make?Object.fromEntries(new FormData(f)):{}
const send=c=>{const r=c.response,o={id:c.id,rawId:enc(c.rawId),type:c.type,clientExtensionResults:c.getClientExtensionResults(),
response:{clientDataJSON:enc(r.clientDataJSON)}}
if(c.authenticatorAttachment)o.authenticatorAttachment=c.authenticatorAttachment
if(r.attestationObject){o.response.attestationObject=enc(r.attestationObject);o.response.transports=r.getTransports?r.getTransports():[]}
else{o.response.authenticatorData=enc(r.authenticatorData);o.response.signature=enc(r.signature);
if(r.userHandle)o.response.userHandle=enc(r.userHandle)}
f.elements.credential.value=JSON.stringify(o);f.requestSubmit()}
const get=async mediation=>{const o=await ask(body());stop&&stop.abort();stop=new AbortController
send(await navigator.credentials.get({mediation,signal:stop.signal,publicKey:{...o,challenge:dec(o.challenge),
allowCredentials:ids(o.allowCredentials)}}))}
const make=async()=>{const o=await ask(body());send(await navigator.credentials.create({publicKey:{...o,challenge:dec(o.challenge),user:{
...o.user,id:dec(o.user.id)},excludeCredentials:ids(o.excludeCredentials)}}))}
const fail=e=>{if(e.name==='AbortError')return;const p=q('#passkey-wrong');p.hidden=false;p.textContent=p.dataset.text}
f.hidden=false;f.addEventListener('submit',e=>{if(f.elements.credential.value)return;e.preventDefault();e.stopImmediatePropagation();
(f.dataset.make?make():get()).catch(fail)},true)
const p=PublicKeyCredential.isConditionalMediationAvailable;
if(f.dataset.auto&&p)p.call(PublicKeyCredential).then(y=>y&&get('conditional')).catch(()=>{})
})()`
